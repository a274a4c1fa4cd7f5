"""An order's number, and what answers about it mean: an approval is paid, a closing ends it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.store.records import State
from pointsman.switch import orders
from pointsman.switch.orders import Fate
from tests.switch.lives import TODAY, approved_sale

DAYS = st.dates(date(2020, 1, 1), date(2039, 12, 31))


@given(DAYS, st.integers(0, 99_999_999), st.integers(-1, 1))
def test_our_reference_is_found_again_in_the_number(day: date, count: int, ahead: int) -> None:
    rrn = f"{day.year % 10}{day.timetuple().tm_yday:03d}{count:08d}"
    today = date.fromordinal(day.toordinal() + ahead)  # ours is the UTC day, theirs is local
    number = orders.order_number(rrn, today)
    assert number == f"T{day:%Y%m%d}{count:08d}"
    assert orders.reference_of(number) == rrn


@pytest.mark.parametrize(
    "text",
    ["", "T", "T2026031500000180 ", "X2026031500000180", "T2026133500000180", "T\uff12" + 15 * "0"],
)
def test_what_is_no_number_has_no_reference(text: str) -> None:
    assert orders.reference_of(text) == ""


@pytest.mark.parametrize(
    ("code", "fate"),
    [("00", Fate.PAID), ("09", Fate.OPEN), ("25", Fate.OPEN), ("12", Fate.OPEN), ("96", Fate.OPEN)],
)
def test_a_query_tells_that_it_was_paid_or_nothing(code: str, fate: Fate) -> None:
    assert orders.fate_of_query(code) is fate


@pytest.mark.parametrize(
    ("code", "arrived", "fate"),
    [
        ("00", False, Fate.CLOSED),
        ("25", True, Fate.CLOSED),
        ("25", False, Fate.UNHEARD),  # it may still be on its way
        ("12", True, Fate.REFUSED),
        ("94", True, Fate.REFUSED),
        ("96", True, Fate.REFUSED),
    ],
)
def test_a_closing_ends_it_only_where_nobody_can_pay_any_more(
    code: str, arrived: bool, fate: Fate
) -> None:
    assert orders.fate_of_closing(code, arrived=arrived) is fate


@pytest.mark.parametrize(
    ("state", "query", "closing"),
    [
        (State.APPROVED, "00", "12"),
        (State.SENDING, "09", "98"),
        (State.UNKNOWN, "09", "98"),
        (State.DECLINED, "05", "00"),
        (State.FAILED, "05", "00"),
        (State.REFUSED, "05", "00"),
    ],
)
def test_a_terminal_hears_failed_only_of_what_cannot_be_paid(
    state: State, query: str, closing: str
) -> None:
    order = replace(approved_sale(), state=state, response_code="05")
    assert orders.answer_to_query(order) == query
    assert orders.answer_to_closing(order) == closing


def test_a_question_names_its_order_and_moves_nothing() -> None:
    sale = replace(approved_sale(), host={**approved_sale().host, "48": "A6017T2026031500000001"})
    asked = orders.query(sale, host_stan="000009", host_time="0315021800")
    assert (asked.mti, asked.fields[3], asked.fields[11]) == ("0200", "310000", "000009")
    assert 4 not in asked.fields
    closed = orders.closing(sale, "0420", host_stan="000010", host_time="0315021900")
    assert (closed.mti, closed.fields[39]) == ("0420", "17")
    assert asked.fields[90] == closed.fields[90]
    assert asked.fields[48] == closed.fields[48] == "A6017T2026031500000001"
    assert orders.order_number("607400000001", TODAY) == "T2026031500000001"
