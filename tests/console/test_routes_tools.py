"""The rows of tools: the ledger has a right of its own, which a merchant's staff lack."""

from pointsman.console.rights import RIGHTS, Role
from pointsman.console.routes_tools import ROWS


def test_staff_may_read_messages_and_no_ledger() -> None:
    held = {row.path: (row.resource, row.verb) in RIGHTS[Role.MERCHANT_STAFF] for row in ROWS}
    assert held == {"/v1/payments/{payment_id}/ledger": False, "/v1/tools/decode": True}
