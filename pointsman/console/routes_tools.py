"""The routes beside the office's things, with the right each needs.

Merged into routes.py; what they do is in api_tools.py.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import Row, row

ROWS: tuple[Row, ...] = (
    row("GET", "/v1/payments/{payment_id}/ledger", Resource.LEDGER, Verb.VIEW),
    row("POST", "/v1/tools/decode", Resource.TRANSACTIONS, Verb.VIEW),
)
