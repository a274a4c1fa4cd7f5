"""Every route of the console, the right that it needs and the parameters that it knows: one table.

A route without a row cannot be added to the application (api.py looks here), and a row without a
route fails a test. What the rights are is in rights.py.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.routes_acts import ROWS as _ACTS
from pointsman.console.routes_people import ROWS as _PEOPLE
from pointsman.console.routes_reports import ROWS as _REPORTS
from pointsman.console.row import LIST, Row, open_row, row

__all__ = ["ROUTES", "Row"]

V, M, A = Verb.VIEW, Verb.MANAGE, Verb.AUTHORISE
R = Resource

PAYMENT_FILTERS = ("q", "state", "kind", "mid", "tid", "acquirer", "business_date", "response_code")

_API = (
    open_row("GET", "/health/live"),
    open_row("GET", "/health/ready"),
    open_row("GET", "/metrics"),
    open_row("GET", "/openapi.json"),
    row("GET", "/v1/me", None, V),
    row("GET", "/v1/merchants", R.MERCHANTS, V, *LIST),
    row("GET", "/v1/merchants/{mid}", R.MERCHANTS, V),
    row("GET", "/v1/terminals", R.TERMINALS, V, *LIST, "mid"),
    row("GET", "/v1/terminals/{mid}/{tid}", R.TERMINALS, V),
    row("GET", "/v1/payments", R.TRANSACTIONS, V, *LIST, *PAYMENT_FILTERS),
    row("GET", "/v1/payments/{payment_id}", R.TRANSACTIONS, V),
    row("GET", "/v1/batches", R.TRANSACTIONS, V, *LIST, "mid", "state"),
    row("GET", "/v1/settlement_cycles", R.SETTLEMENT, V, *LIST),
    row("GET", "/v1/settlement_cycles/{business_date}", R.SETTLEMENT, V),
    row("GET", "/v1/acquirers", R.LINKS, V),
    row("GET", "/v1/users", R.USERS, V),
    row("GET", "/v1/roles", R.USERS, V),
    row("GET", "/v1/api_keys", R.USERS, V),
    row("GET", "/v1/audit_events", R.AUDIT, V, *LIST),
    row("GET", "/v1/overview", R.TRANSACTIONS, V),
)
_PAGES = (
    open_row("GET", "/sign-in", "next"),
    open_row("POST", "/sign-in", "next"),
    open_row("GET", "/welcome/{token}"),
    open_row("POST", "/welcome/{token}"),
    open_row("GET", "/language/{language}", "next"),
    row("POST", "/sign-out", None, V),
    row("GET", "/", R.TRANSACTIONS, V),
    row("GET", "/payments", R.TRANSACTIONS, V, *LIST, *PAYMENT_FILTERS),
    row("GET", "/merchants", R.MERCHANTS, V, *LIST),
    row("GET", "/merchants/{mid}", R.MERCHANTS, V),
    row("GET", "/terminals", R.TERMINALS, V, *LIST, "mid"),
    row("GET", "/batches", R.TRANSACTIONS, V, *LIST, "mid", "state"),
    row("GET", "/settlement", R.SETTLEMENT, V, *LIST),
    row("GET", "/settlement/{business_date}", R.SETTLEMENT, V),
    row("GET", "/links", R.LINKS, V),
    row("GET", "/audit", R.AUDIT, V, *LIST),
    row("POST", "/audit", R.AUDIT, V),
)
ROUTES = {(one.method, one.path): one for one in (*_API, *_ACTS, *_PEOPLE, *_PAGES, *_REPORTS)}
