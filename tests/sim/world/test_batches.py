"""Batches that their terminals forgot: what a witness says of their end by force."""

from dataclasses import replace

import pytest

from pointsman.sim.flow_names import Flow
from pointsman.sim.items import Totals
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin, Settled, Told
from pointsman.sim.world.batches import FORCED, BatchEnd, Batches, BatchName, Sides
from pointsman.sim.world.witness import Witness
from tests.sim.world.witnesses import AT, KEPT

NAME: BatchName = ("898100053310001", "12340000", "000001")
NOTHING, TEN = (Totals(), Totals()), (Totals(1000, 1), Totals())
HEAD = b"merchant,terminal,batch,result\n"
DAY, NEXT = "2026-11-22", "2026-11-23"


def heard(counted: Sides | None = TEN) -> Batches:
    witness = Witness(lambda: 30.0, lambda _: True, 45.0)
    return Batches(witness, lambda _: counted)


def listed(result: str = FORCED) -> dict[str, bytes]:
    return {"batches.csv": HEAD + ",".join((*NAME, result)).encode() + b"\n"}


def committed(batches: Batches, state: str, kind: str = "sale", since: float = 30.0) -> None:
    row: dict[str, object] = {"id": f"{kind}{state}", "kind": kind, "state": state, "undo": "none"}
    row |= {"mid": NAME[0], "tid": NAME[1], "batch": NAME[2], "stan": "000001", "incarnation": 1}
    row |= {"acquirer": "alpha", "details": {"host_time": "", "host_stan": ""}}
    batches.committed(row)
    batches.witness.committed("intent", row)
    batches.witness.by_id[str(row["id"])].since = since


def test_a_batch_that_nothing_is_under_way_in_is_closed_by_force() -> None:
    batches = heard()
    committed(batches, "approved")
    batches.force(NAME)
    ends = [BatchEnd(NAME, FORCED, TEN)]
    rows = [replace(KEPT, name=(*NAME, "000001"), day=DAY)]
    assert list(batches.judge(ends, rows, frozenset({DAY}), {DAY: listed()})) == []
    assert batches.witness.violations == []


def test_one_that_is_closed_over_a_sale_under_way_or_twice_is_told() -> None:
    batches = heard()
    committed(batches, "sending")
    batches.force(NAME)
    assert [promise for promise, _ in batches.witness.violations] == ["P10"]
    batches.force(NAME)
    assert len(batches.witness.violations) == 3


def test_after_ten_minutes_it_is_not_waited_for_any_more() -> None:
    batches = heard()
    committed(batches, "sending", since=-600.0)
    batches.force(NAME)
    assert batches.witness.violations == []


def test_nothing_comes_in_afterwards_but_what_is_refused() -> None:
    batches = heard()
    batches.force(NAME)
    committed(batches, "refused")
    assert batches.witness.violations == []
    committed(batches, "sending")
    assert "came into a batch closed by force" in batches.witness.violations[0][1]


@pytest.mark.parametrize(("what", "wrong"), [(Kind.VOID, 1), (Kind.PREAUTH_CANCEL, 0)])
def test_a_void_of_it_comes_too_late_and_what_is_held_may_be_let_go(what: Kind, wrong: int) -> None:
    batches = heard()
    batches.force(NAME)
    asked = Asked(
        at=AT, mid=NAME[0], tid=NAME[1], batch="000002", stan="000009", flow=Flow.VOID, what=what,
        entry=Entry.CHIP, amount_minor=1000, currency="156", card="visa-chip", payment_code="",
        pin=Pin.NONE, original_batch=NAME[2], original_stan="000001",
    )  # fmt: skip
    batches.told(asked)
    batches.told(Told(AT, *NAME[:2], "000002", "000009", "00", approved=True, amount_minor=1000))
    assert len(batches.witness.violations) == wrong
    assert batches.witness.rare["a void came after its batch was closed"] == wrong


def test_its_end_may_be_told_late() -> None:
    batches = heard()
    batches.force(NAME)
    batches.told(
        Settled(
            at=AT, mid=NAME[0], tid=NAME[1], batch=NAME[2], debit_minor=1000, credit_minor=0,
            debit_count=1, credit_count=0, results="11", uploaded=0,
        )
    )  # fmt: skip
    assert batches.witness.rare["a forgotten batch was ended late"] == 1


@pytest.mark.parametrize(
    ("end", "day", "files", "promise"),
    [
        (BatchEnd(NAME, FORCED, NOTHING), DAY, {DAY: listed()}, "P9"),
        (BatchEnd(NAME, FORCED, TEN), NEXT, {DAY: listed()}, "P10"),
        (BatchEnd(NAME, FORCED, TEN), DAY, {DAY: listed(), NEXT: listed()}, "P10"),
        (BatchEnd(NAME, FORCED, TEN), DAY, {DAY: {}}, "P10"),
        (BatchEnd(NAME, "balanced", TEN), DAY, {DAY: listed("balanced")}, "P10"),
        (BatchEnd(NAME, "", None), DAY, {DAY: {}}, "P10"),
    ],
    ids=["other figures", "a later payment", "listed twice", "not listed", "not forced", "open"],
)
def test_what_is_wrong_with_it_at_the_end_is_told(
    end: BatchEnd, day: str, files: dict[str, dict[str, bytes]], promise: str
) -> None:
    batches = heard()
    batches.force(NAME)
    rows = [replace(KEPT, name=(*NAME, "000001"), day=day)]
    found = list(batches.judge([end], rows, frozenset(files), files))
    assert [one for one, _ in found] == [promise]


def test_terminals_that_number_their_batches_themselves_are_left_alone() -> None:
    batches = heard()
    batches.own_numbers = frozenset({NAME[1]})
    rows = [replace(KEPT, name=(*NAME, "000001"), day=DAY)]
    assert list(batches.judge([BatchEnd(NAME, "", None)], rows, frozenset({DAY}), {})) == []
