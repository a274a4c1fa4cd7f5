"""Columns of exported lists: nested members, dates, amounts, and nothing where there is nothing."""

from datetime import date

from pointsman.console.export_columns import LISTS, columns, row


def test_a_document_becomes_typed_cells() -> None:
    found = {
        "business_date": "2026-11-22",
        "amount": {"amount": 1250, "currency": "CNY", "text": "12.50"},
        "card": None,
        "merchant": {"mid": "1", "name": "=Tea"},
        "created": "2026-11-22T01:02:03.000Z",
    }
    made = row("payments", found)
    cells = dict(zip((column.code for column in columns("payments")), made.cells, strict=True))
    assert made.currency == "CNY"
    assert cells["business_date"] == date(2026, 11, 22)
    assert cells["amount"] == 1250
    assert cells["card.masked"] is None
    assert cells["merchant.name"] == "=Tea"


def test_lists_within_a_document_are_told_in_words() -> None:
    grants = [{"role": "operator", "scope": "platform", "mid": ""}]
    assert row("users", {"login": "x", "grants": grants}).cells[-1] == "operator platform"
    assert row("audit", {"after": {"active": False}}).cells[10] == "active: False"


def test_every_column_has_two_names_and_a_code_of_its_own() -> None:
    for name in LISTS:
        found = columns(name)
        assert len({column.code for column in found}) == len(found)
        assert all(not column.zh.isascii() for column in found)
