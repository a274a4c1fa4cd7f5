"""The routes of everything that changes something, with the right each needs.

Merged into routes.py; what they do is in api_acts.py (the API) and pages_acts.py (the pages).
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import Row, asked, one, row, told

V, M, A = Verb.VIEW, Verb.MANAGE, Verb.AUTHORISE
R = Resource

ROWS: tuple[Row, ...] = (
    row("POST", "/v1/merchants", R.MERCHANTS, M),
    row("PATCH", "/v1/merchants/{mid}", R.MERCHANTS, M),
    row("POST", "/v1/merchants/{mid}:suspend", R.MERCHANTS, A),
    row("POST", "/v1/merchants/{mid}:activate", R.MERCHANTS, A),
    row("GET", "/v1/outlets", R.MERCHANTS, V, *told("outlets")),
    row("GET", "/v1/outlets/{outlet_id}", R.MERCHANTS, V, *one()),
    row("PATCH", "/v1/outlets/{outlet_id}", R.MERCHANTS, M),
    row("POST", "/v1/outlets", R.MERCHANTS, M),
    row("POST", "/v1/terminals", R.TERMINALS, M),
    row("PATCH", "/v1/terminals/{mid}/{tid}", R.TERMINALS, M),
    row("GET", "/v1/terminals/{mid}/{tid}/bindings", R.TERMINALS, V),
    row("POST", "/v1/terminals/{mid}/{tid}:suspend", R.TERMINALS, M),
    row("POST", "/v1/terminals/{mid}/{tid}:activate", R.TERMINALS, Verb.ACTIVATE),
    row("POST", "/v1/terminals/{mid}/{tid}:move", R.TERMINALS, M),
    row("POST", "/v1/merchants/{mid}:set_refund_limit", R.MERCHANTS, A),
    row("GET", "/v1/refunds", R.REFUNDS, V, *told("refunds")),
    row("POST", "/v1/refunds", R.REFUNDS, M),
    row("GET", "/v1/refunds/{refund_id}", R.REFUNDS, V, *one("refunds")),
    row("GET", "/v1/approvals", R.REFUNDS, V, *told("approvals")),
    row("GET", "/v1/approvals/{approval_id}", R.REFUNDS, V, *one()),
    row("POST", "/v1/approvals/{approval_id}:approve", R.REFUNDS, A),
    row("POST", "/v1/approvals/{approval_id}:reject", R.REFUNDS, A),
    row("POST", "/v1/session:step_up", None, V),
    row("GET", "/payments/{payment_id}", R.TRANSACTIONS, V),
    row("POST", "/payments/{payment_id}/refunds", R.REFUNDS, M),
    row("GET", "/approvals", R.REFUNDS, V, *asked("approvals")),
    row("POST", "/approvals", R.REFUNDS, A, *asked("approvals")),
    row("GET", "/merchants/new", R.MERCHANTS, M),
    row("POST", "/merchants/new", R.MERCHANTS, M),
    row("POST", "/merchants/{mid}/outlets", R.MERCHANTS, M),
    row("POST", "/merchants/{mid}/state", R.MERCHANTS, A),
    row("GET", "/merchants/{mid}/terminals/new", R.TERMINALS, M),
    row("POST", "/merchants/{mid}/terminals/new", R.TERMINALS, M),
    row("GET", "/terminals/{mid}/{tid}", R.TERMINALS, V),
    row("POST", "/terminals/{mid}/{tid}", R.TERMINALS, M),
    row("POST", "/terminals/{mid}/{tid}/activate", R.TERMINALS, Verb.ACTIVATE),
    row("POST", "/terminals", R.TERMINALS, M, *asked("terminals")),
    row("POST", "/merchants", R.MERCHANTS, A, *asked("merchants")),
)
