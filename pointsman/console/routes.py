"""Every route of the console, the right that it needs and the parameters that it knows: one table.

A route without a row cannot be added to the application (api.py looks here), and a row without a
route fails a test. What the rights are is in rights.py.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.routes_acts import ROWS as _ACTS
from pointsman.console.routes_people import ROWS as _PEOPLE
from pointsman.console.routes_policies import ROWS as _POLICIES
from pointsman.console.routes_reports import ROWS as _REPORTS
from pointsman.console.routes_screens import ROWS as _SCREENS
from pointsman.console.routes_tools import ROWS as _TOOLS
from pointsman.console.row import Row, asked, one, open_row, row, told

__all__ = ["ROUTES", "Row"]

V, M, A = Verb.VIEW, Verb.MANAGE, Verb.AUTHORISE
R = Resource

_API = (
    open_row("GET", "/health/live"),
    open_row("GET", "/health/ready"),
    open_row("GET", "/metrics"),
    open_row("GET", "/openapi.json"),
    row("GET", "/v1/me", None, V),
    row("GET", "/v1/merchants", R.MERCHANTS, V, *told("merchants")),
    row("GET", "/v1/merchants/{mid}", R.MERCHANTS, V, *one()),
    row("GET", "/v1/terminals", R.TERMINALS, V, *told("terminals")),
    row("GET", "/v1/terminals/{mid}/{tid}", R.TERMINALS, V, *one("terminals")),
    row("GET", "/v1/payments", R.TRANSACTIONS, V, *told("payments")),
    row("GET", "/v1/payments/{payment_id}", R.TRANSACTIONS, V, *one("payments")),
    row("GET", "/v1/payments/{payment_id}/messages", R.TRANSACTIONS, V),
    row("GET", "/v1/payments/{payment_id}/timeline", R.TRANSACTIONS, V),
    row("GET", "/v1/batches", R.TRANSACTIONS, V, *told("batches")),
    row("GET", "/v1/settlement_cycles", R.SETTLEMENT, V, *told("settlement_cycles")),
    row("GET", "/v1/batches/{mid}/{tid}/{batch}", R.TRANSACTIONS, V, *one("batches")),
    row("GET", "/v1/settlement_cycles/{business_date}", R.SETTLEMENT, V, *one()),
    row("GET", "/v1/acquirers", R.LINKS, V, *told("acquirers")),
    row("GET", "/v1/acquirers/{acquirer}", R.LINKS, V, *one()),
    row("GET", "/v1/links", R.LINKS, V, *told("links")),
    row("GET", "/v1/users", R.USERS, V, *told("users")),
    row("GET", "/v1/users/{user_id}", R.USERS, V, *one()),
    row("GET", "/v1/roles", R.USERS, V),
    row("GET", "/v1/api_keys", R.USERS, V, *told("api_keys")),
    row("GET", "/v1/audit_events", R.AUDIT, V, *told("audit_events")),
    row("POST", "/v1/audit_events:verify", R.AUDIT, V),
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
    row("GET", "/payments", R.TRANSACTIONS, V, *asked("payments")),
    row("GET", "/merchants", R.MERCHANTS, V, *asked("merchants")),
    row("GET", "/merchants/{mid}", R.MERCHANTS, V),
    row("GET", "/terminals", R.TERMINALS, V, *asked("terminals")),
    row("GET", "/batches", R.TRANSACTIONS, V, *asked("batches")),
    row("GET", "/settlement", R.SETTLEMENT, V, *asked("settlement_cycles")),
    row("GET", "/settlement/{business_date}", R.SETTLEMENT, V),
    row("GET", "/acquirers", R.LINKS, V, *asked("acquirers")),
    row("GET", "/links", R.LINKS, V, *asked("links")),
    row("GET", "/audit", R.AUDIT, V, *asked("audit_events")),
    row("POST", "/audit", R.AUDIT, V, *asked("audit_events")),
)
ROUTES = {
    (one.method, one.path): one
    for one in (*_API, *_ACTS, *_PEOPLE, *_POLICIES, *_PAGES, *_REPORTS, *_SCREENS, *_TOOLS)
}
