"""What is asked of a list: values by their kind, cursors that come back, nothing of a stranger."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.console import listing
from pointsman.console.problems import Code, Problem
from pointsman.store.console_listings import BATCHES, MERCHANTS, PAYMENTS
from pointsman.store.listing import Condition, Operator

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def code_of(given: dict[str, str]) -> Code:
    with pytest.raises(Problem) as caught:
        listing.asked(PAYMENTS, given, NOW)
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "-1"),
        ("amount[gte]", "1.5"),
        ("amount", "٣"),
        ("created", "2026-11-20"),
        ("created[gte]", "2026-11-20T08:30:00"),
        ("created", "2026-13-20T08:30:00Z"),
        ("business_date", "20-11-2026"),
        ("state", "whatever"),
        ("original", "pay_x"),
        ("sort", "name; drop table users"),
        ("sort", "rrn"),
        ("include", "everything"),
        ("mid", ",".join("x" * 60)),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(name: str, value: str) -> None:
    assert code_of({name: value}) is Code.VALIDATION_FAILED


def test_commas_are_alternatives_and_brackets_compare() -> None:
    asked = listing.asked(PAYMENTS, {"kind": "sale,refund", "amount[lte]": "500"}, NOW)
    assert asked.wanted.conditions == (
        Condition("kind", Operator.IS, ("sale", "refund")),
        Condition("amount", Operator.TO, (500,)),
    )
    assert (asked.wanted.sort, asked.wanted.descending) == ("created", True)


def test_a_blank_of_an_address_was_a_plus() -> None:
    asked = listing.asked(PAYMENTS, {"created": "2026-11-20T16:30:00 08:00"}, NOW)
    assert asked.wanted.conditions[0].values == (NOW,)


NAMES = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)


@given(NAMES, NAMES, NAMES)
def test_a_cursor_comes_back(mid: str, tid: str, batch: str) -> None:
    asked = listing.asked(BATCHES, {"limit": "1", "sort": "mid"}, NOW)
    rows = [("shown", mid, tid, batch, NOW), ("more", "", "", "", NOW)]
    page = listing.document(BATCHES, asked, rows, [{}, {}])
    further = {"limit": "1", "sort": "mid", "after": page["page"]["next"]}
    again = listing.asked(BATCHES, further, NOW)
    assert again.wanted.place == (mid, tid, batch)
    assert again.wanted.pin == NOW
    with pytest.raises(Problem):
        listing.asked(MERCHANTS, {"limit": "1", "after": page["page"]["next"]}, NOW)


@given(st.text(max_size=60))
def test_no_text_of_a_stranger_becomes_a_cursor(text: str) -> None:
    if text:
        assert code_of({"after": text}) is Code.INVALID_CURSOR


def test_a_total_beyond_the_count_is_at_least_so_many() -> None:
    assert listing.total(5, 10) == {"count": 5, "exact": True}
    assert listing.total(11, 10) == {"count": 10, "exact": False}
