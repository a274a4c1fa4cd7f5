"""Totals of a settlement date: money must agree, numbers of inquiries need not."""

from dataclasses import replace

from pointsman.sim.host_rows import HostTotals
from pointsman.sim.world.totals import MONEY, judge
from tests.sim.world.witnesses import KEPT

EQUAL = HostTotals(
    at="",
    key="1123023000-000009",
    mti="0500",
    date="1122",
    currency="156",
    said=tuple((field, "0000001000") for field in (*MONEY, 80)),
    ours=tuple((field, "0000001000") for field in (*MONEY, 80)),
    code="00",
    result="1",
)


def told(field: int) -> HostTotals:
    said = tuple((one, "0000000999" if one == field else value) for one, value in EQUAL.said)
    return HostTotals(
        EQUAL.at, EQUAL.key, "0500", EQUAL.date, EQUAL.currency, said, EQUAL.ours, "95", "2"
    )


def test_equal_money_is_no_finding_and_other_money_is() -> None:
    assert list(judge({"alpha": [EQUAL]}, [KEPT])) == []
    for field in MONEY:
        ((promise, what),) = judge({"alpha": [told(field)]}, [KEPT])
        assert (promise, f"field {field}" in what) == ("P24", True)


def test_inquiries_whose_answers_were_lost_may_differ() -> None:
    assert list(judge({"alpha": [told(80)]}, [KEPT])) == []


def test_what_waits_for_people_or_was_ended_by_them_makes_a_date_doubtful() -> None:
    for doubtful in (replace(KEPT, owed="parked"), replace(KEPT, decided="not-done")):
        assert list(judge({"alpha": [told(88)]}, [doubtful])) == []
        other = {"beta": [told(88)]}
        assert len(list(judge(other, [doubtful]))) == 1
