"""Payments as documents: one word for a state, money exact, nothing secret."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from pointsman.console import payments
from pointsman.console.payments import Row

ROW: dict[str, Any] = {
    **dict.fromkeys(payments._COLUMNS, ""),
    "id": bytes(16),
    "created_at": datetime(2026, 11, 22, tzinfo=UTC),
    "business_date": date(2026, 11, 22),
    "currency": "156",
    "amount_minor": 1250,
    "approved_minor": 1000,
    "refunded_minor": 0,
    "undo": "none",
    "voiding": "none",
    "original": None,
    "details": {},
    "answer": {},
}


def row(**changes: object) -> Row:
    return {**ROW, **changes}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": "approved"}, "approved"),
        ({"state": "approved", "undo": "done"}, "reversed"),
        ({"state": "unknown", "undo": "done"}, "reversed"),
        ({"state": "unknown", "undo": "owed"}, "unknown"),
        ({"state": "approved", "undo": "owed"}, "reversing"),
        ({"state": "approved", "undo": "parked"}, "reversing"),
        ({"state": "approved", "voiding": "done"}, "voided"),
        ({"state": "approved", "voiding": "reserved"}, "approved"),
        ({"state": "approved", "refunded_minor": 1}, "part_refunded"),
        ({"state": "approved", "refunded_minor": 1000}, "refunded"),
        ({"state": "sending"}, "in_progress"),
        ({"state": "declined"}, "declined"),
    ],
)
def test_a_state_is_one_word(changes: dict[str, object], word: str) -> None:
    assert payments.line(row(**changes))["state"] == word


def test_money_is_minor_units_with_its_currencys_letters() -> None:
    assert payments.money(1250, "156") == {"amount": 1250, "currency": "CNY", "text": "12.50"}
    assert payments.money(-1250, "392")["text"] == "-1250"
    assert payments.money(1250, "414")["text"] == "1.250"


def test_secret_fields_are_named_and_never_shown() -> None:
    shown = payments.fields({"2": "4111111111111111", "52": "0123456789ABCDEF", "11": "000001"})
    assert [(one["number"], one["value"], one["hidden"]) for one in shown] == [
        ("2", "", True),
        ("11", "000001", False),
        ("52", "", True),
    ]


def test_an_event_tells_its_facts_and_not_its_body() -> None:
    told = payments.event(ROW["created_at"], "outcome", 1, 2, {"state": "approved", "x": "secret"})
    assert told["facts"] == {"state": "approved"}


def test_a_row_is_told_by_the_names_of_its_columns() -> None:
    values = [ROW[name] for name in payments._COLUMNS]
    assert payments.named(values) == ROW
    assert payments.line(row(state="approved"))["card"] is None
    assert payments.line(row(state="approved", first6="411111", last4="1111"))["card"] == {
        "masked": "411111****1111",
        "last4": "1111",
        "brand": "",
    }
