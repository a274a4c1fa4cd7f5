"""Our totals as an acquirer hears them, and what its answer means."""

from dataclasses import replace
from datetime import date

import pytest

from pointsman.store.reconciliations import AcquirerTotals, Reconciled, Reconciliation
from pointsman.switch import reconciling
from tests.codecs.golden import golden
from tests.switch.host_peer import ALPHA

GOLDEN = golden("host-ascii-reconciliation-0500-req").fields
TOTALS = AcquirerTotals(
    debit_count=41, debit_minor=512_300, void_count=1, void_minor=10_000, credit_count=2,
    credit_minor=6_000, inquiry_count=3, hold_count=5,
)  # fmt: skip
ONE = Reconciliation(
    acquirer="alpha",
    settlement_date=date(2026, 3, 15),
    currency="156",
    state=Reconciled.SENT,
    totals=TOTALS,
    attempts=1,
    host_stan="990001",
    host_time="0315145500",
)
ACQUIRER = replace(ALPHA, institution="00085500", reconciles="0500")


def test_the_request_is_the_golden_one() -> None:
    draft = reconciling.message(ONE, ACQUIRER)
    assert draft.mti == "0500"
    assert draft.fields == {n: value for n, value in GOLDEN.items() if n != 128}


@pytest.mark.parametrize(
    ("reconciles", "attempts", "mti"),
    [("0500", 2, "0501"), ("0520", 1, "0520"), ("0520", 7, "0521")],
)
def test_a_repeat_says_so_and_changes_nothing_else(
    reconciles: str, attempts: int, mti: str
) -> None:
    draft = reconciling.message(
        replace(ONE, attempts=attempts), replace(ACQUIRER, reconciles=reconciles)
    )
    assert (draft.mti, draft.fields) == (mti, reconciling.message(ONE, ACQUIRER).fields)


def test_more_given_back_than_earned_is_a_debit_to_us() -> None:
    totals = AcquirerTotals(credit_count=1, credit_minor=7)
    fields = reconciling.message(replace(ONE, totals=totals), ACQUIRER).fields
    assert fields[97] == "D0000000000000007"


def test_a_sum_that_does_not_fit_is_not_said_wrongly() -> None:
    totals = AcquirerTotals(debit_minor=10**16)
    with pytest.raises(ValueError, match="digits"):
        reconciling.message(replace(ONE, totals=totals), ACQUIRER)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (golden("host-ascii-reconciliation-0510").fields, Reconciled.BALANCED),
        ({39: "00"}, Reconciled.BALANCED),
        ({39: "00", 66: "2"}, Reconciled.DIFFERS),
        ({39: "95"}, Reconciled.DIFFERS),
        ({39: "00", 66: "3"}, Reconciled.REFUSED),
        ({39: "12"}, Reconciled.REFUSED),
        ({39: "91"}, None),
        ({39: "96"}, None),
        ({}, None),
    ],
)
def test_what_an_answer_ends_it_with(answer: dict[int, str], state: Reconciled | None) -> None:
    judged = reconciling.judge(answer)
    assert (judged.state if judged else None) is state


def test_the_acquirers_own_figures_are_kept() -> None:
    judged = reconciling.judge({39: "95", 66: "2", 76: "0000000040", 88: "0000000000500000"})
    assert judged is not None
    assert judged.theirs == {"76": "0000000040", "88": "0000000000500000"}
