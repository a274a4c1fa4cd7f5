"""A refund in one word: what is not known yet is pending, and what stands is told as it stands."""

from datetime import UTC, datetime

import pytest

from pointsman.console.problems import Problem
from pointsman.console.refunds import amount_of, shown_refund
from pointsman.console.wants import NewRefund
from pointsman.store.console_rows import Refundable, RefundRow

PAYMENT = "pay_" + "0" * 26


def row(state: str, journal: str | None) -> RefundRow:
    return RefundRow(
        *(bytes(16), bytes(16), "m", 100, "156", "why", "ann", state, None, "000001", "000001"),
        *(None, journal, "none", "", "", datetime(2026, 3, 15, tzinfo=UTC), None),
    )


@pytest.mark.parametrize(
    ("state", "journal", "told"),
    [
        ("waiting", None, "waiting_approval"),
        ("rejected", None, "rejected"),
        ("ordered", None, "pending"),
        ("ordered", "sending", "pending"),
        ("ordered", "unknown", "pending"),
        ("ordered", "approved", "approved"),
        ("ordered", "declined", "declined"),
        ("ordered", "refused", "declined"),
        ("ordered", "failed", "declined"),
    ],
)
def test_a_refund_has_one_word(state: str, journal: str | None, told: str) -> None:
    assert shown_refund(row(state, journal))["state"] == told


def payment(**changes: object) -> Refundable:
    fields: dict[str, object] = {
        "mid": "m",
        "kind": "sale",
        "money": "debit",
        "state": "approved",
        "undo": "none",
        "voiding": "none",
        "currency": "156",
        "approved_minor": 100,
        "refunded_minor": 30,
        "limit_minor": 50,
    }
    return Refundable(**(fields | changes))  # type: ignore[arg-type]  # fields by name


def test_without_an_amount_all_that_is_left_is_given_back() -> None:
    assert amount_of(payment(), NewRefund(PAYMENT, "why")) == 70
    assert amount_of(payment(), NewRefund(PAYMENT, "why", amount=70, currency="CNY")) == 70


@pytest.mark.parametrize(
    "changes",
    [
        *({"state": "declined"}, {"undo": "owed"}, {"voiding": "done"}, {"money": "credit"}),
        *({"refunded_minor": 100}, {"refunded_minor": 31}),
    ],
)
def test_what_does_not_stand_or_is_given_back_cannot_be(changes: dict[str, object]) -> None:
    with pytest.raises(Problem):
        amount_of(payment(**changes), NewRefund(PAYMENT, "why", amount=70))
