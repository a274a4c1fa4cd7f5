"""The referee's own table: signs, and what is told before the acquirer has it."""

import pytest

from pointsman.sim import nii_messages
from pointsman.sim.pos_types import Mark
from pointsman.sim.terminal_rows import Kind
from pointsman.sim.world.rules import ROWS, RULES
from pointsman.switch.flowkinds import Order
from pointsman.switch.flows import FLOWS


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        (Kind.SALE, 1),
        (Kind.COMPLETION_ADVICE, 1),
        (Kind.VOID, -1),
        (Kind.COMPLETION_CANCEL, -1),
        (Kind.REFUND, -1),
        (Kind.PREAUTH, 0),
        (Kind.PREAUTH_CANCEL, 0),
        (Kind.POINTS_VOID, 0),
        (Kind.TIP, 0),
    ],
)
def test_a_sign_says_who_earns(kind: Kind, sign: int) -> None:
    assert RULES[kind].sign == sign


def test_a_refund_waits_for_its_acquirer_and_an_advice_does_not() -> None:
    told_first = {name for name, rule in RULES.items() if rule.told_first}
    assert Kind.REFUND not in told_first
    assert {Kind.OFFLINE, Kind.ECASH, Kind.TIP, Kind.ADJUST} <= told_first
    assert {name for name, rule in RULES.items() if rule.inquiry} == {
        Kind.BALANCE,
        Kind.POINTS_BALANCE,
    }
    assert RULES[Kind.TIP].mark is Mark.REPLACES


def test_every_row_of_the_switchs_table_is_drawn_by_name_and_so_is_its_undoing() -> None:
    payments = {flow.name for flow in FLOWS if flow.order not in {Order.ASKS, Order.CLOSES}}
    assert payments == set(RULES), "what asks about an order, or closes it, belongs to the order"
    assert payments <= set(ROWS)
    assert {f"international {kind}" for kind in nii_messages.TYPES} <= set(ROWS)
    assert {"sale, undone", "void, undone", "international preauth, undone"} <= set(ROWS)
    assert not {"refund, undone", "offline, undone", "balance, undone"} & set(ROWS)
