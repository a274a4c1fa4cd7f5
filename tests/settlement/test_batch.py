"""A terminal's totals against the journal's."""

from dataclasses import replace

from hypothesis import given

from pointsman.settlement.batch import differences, net_minor, verdict
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.settlement.days import TOTALS, claim

OURS = BatchTotals(SideTotals(5000, 3, 1000, 1), SideTotals(200, 1, 0, 0))


def test_equal_totals_are_balanced() -> None:
    assert differences(OURS, OURS) == ()
    assert verdict(claim(OURS, OURS)) == "balanced"


def test_each_figure_that_differs_is_named() -> None:
    theirs = replace(OURS, foreign=SideTotals(300, 1, 0, 2))
    assert [str(found) for found in differences(theirs, OURS)] == [
        "foreign debit_minor: terminal 300, journal 200",
        "foreign credit_count: terminal 2, journal 0",
    ]
    assert verdict(claim(theirs, OURS)) == "unbalanced"


def test_batch_that_the_switch_closed_has_no_claim() -> None:
    assert verdict(claim(None, OURS)) == "no claim"


def test_batch_that_was_closed_by_force_is_forced_whatever_it_claims() -> None:
    for claimed in (None, OURS):
        assert verdict(replace(claim(claimed, OURS), result="forced")) == "forced"


def test_net_is_debits_minus_credits_of_both_sides() -> None:
    assert net_minor(OURS) == 5000 - 1000 + 200


@given(TOTALS, TOTALS)
def test_differences_name_the_sides_that_differ(theirs: BatchTotals, ours: BatchTotals) -> None:
    sides = {found.side for found in differences(theirs, ours)}
    assert ("domestic" in sides) == (theirs.domestic != ours.domestic)
    assert ("foreign" in sides) == (theirs.foreign != ours.foreign)
