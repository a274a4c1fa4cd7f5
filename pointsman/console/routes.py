"""Every route of the console, the right that it needs and the parameters that it knows: one table.

A route without a row cannot be added to the application (api.py looks here), and a row without a
route fails a test. What the rights are is in rights.py.
"""

from dataclasses import dataclass

from pointsman.console.rights import Resource, Verb

V, M, A = Verb.VIEW, Verb.MANAGE, Verb.AUTHORISE
R = Resource
LIST = ("limit", "after")


@dataclass(frozen=True, slots=True)
class Row:
    """One route. `resource` None: everybody (`public`), or every signed-in person."""

    method: str
    path: str
    resource: Resource | None = None
    verb: Verb = Verb.VIEW
    parameters: frozenset[str] = frozenset()
    public: bool = False


def _row(method: str, path: str, resource: Resource | None, verb: Verb, *parameters: str) -> Row:
    return Row(method, path, resource, verb, frozenset(parameters))


def _open(method: str, path: str, *parameters: str) -> Row:
    return Row(method, path, None, V, frozenset(parameters), public=True)


PAYMENT_FILTERS = ("q", "state", "kind", "mid", "tid", "acquirer", "business_date", "response_code")

_API = (
    _open("GET", "/health/live"),
    _open("GET", "/health/ready"),
    _open("GET", "/metrics"),
    _open("GET", "/openapi.json"),
    _row("GET", "/v1/me", None, V),
    _row("GET", "/v1/merchants", R.MERCHANTS, V, *LIST),
    _row("GET", "/v1/merchants/{mid}", R.MERCHANTS, V),
    _row("GET", "/v1/terminals", R.TERMINALS, V, *LIST, "mid"),
    _row("GET", "/v1/terminals/{mid}/{tid}", R.TERMINALS, V),
    _row("POST", "/v1/merchants/{mid}:suspend", R.MERCHANTS, A),
    _row("POST", "/v1/merchants/{mid}:activate", R.MERCHANTS, A),
    _row("POST", "/v1/terminals/{mid}/{tid}:suspend", R.TERMINALS, M),
    _row("POST", "/v1/terminals/{mid}/{tid}:activate", R.TERMINALS, M),
    _row("GET", "/v1/payments", R.TRANSACTIONS, V, *LIST, *PAYMENT_FILTERS),
    _row("GET", "/v1/payments/{payment_id}", R.TRANSACTIONS, V),
    _row("GET", "/v1/batches", R.TRANSACTIONS, V, *LIST, "mid", "state"),
    _row("GET", "/v1/settlement_cycles", R.SETTLEMENT, V, *LIST),
    _row("GET", "/v1/settlement_cycles/{business_date}", R.SETTLEMENT, V),
    _row("GET", "/v1/acquirers", R.LINKS, V),
    _row("GET", "/v1/users", R.USERS, V),
    _row("GET", "/v1/roles", R.USERS, V),
    _row("GET", "/v1/api_keys", R.USERS, V),
    _row("GET", "/v1/audit_events", R.AUDIT, V, *LIST),
    _row("GET", "/v1/overview", R.TRANSACTIONS, V),
)
_PAGES = (
    _open("GET", "/sign-in", "next"),
    _open("POST", "/sign-in", "next"),
    _open("GET", "/welcome/{token}"),
    _open("POST", "/welcome/{token}"),
    _open("GET", "/language/{language}", "next"),
    _row("POST", "/sign-out", None, V),
    _row("GET", "/", R.TRANSACTIONS, V),
    _row("GET", "/payments", R.TRANSACTIONS, V, *LIST, *PAYMENT_FILTERS),
    _row("GET", "/payments/{payment_id}", R.TRANSACTIONS, V),
    _row("GET", "/merchants", R.MERCHANTS, V, *LIST),
    _row("GET", "/merchants/{mid}", R.MERCHANTS, V),
    _row("POST", "/terminals", R.TERMINALS, M),
    _row("GET", "/terminals", R.TERMINALS, V, *LIST, "mid"),
    _row("GET", "/batches", R.TRANSACTIONS, V, *LIST, "mid", "state"),
    _row("GET", "/settlement", R.SETTLEMENT, V, *LIST),
    _row("GET", "/settlement/{business_date}", R.SETTLEMENT, V),
    _row("GET", "/links", R.LINKS, V),
    _row("GET", "/users", R.USERS, V),
    _row("POST", "/users", R.USERS, M),
    _row("GET", "/audit", R.AUDIT, V, *LIST),
    _row("POST", "/audit", R.AUDIT, V),
)
ROUTES = {(row.method, row.path): row for row in (*_API, *_PAGES)}
