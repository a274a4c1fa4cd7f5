"""What a report is asked for: periods, filters, and everything that is refused."""

from datetime import date

import pytest

from pointsman.reports.period import AskedWronglyError, Period, question_of

TODAY = date(2026, 11, 22)


def asked(**given: str) -> Period:
    names = {"begin": "from", "end": "to"}
    parameters = {names.get(name, name): value for name, value in given.items()}
    return question_of(parameters, today=TODAY, mids=None, groupings=("day",)).period


def test_the_usual_period_is_the_last_seven_business_dates() -> None:
    assert asked() == Period(date(2026, 11, 16), TODAY)
    assert asked(end="2026-11-20") == Period(date(2026, 11, 14), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("name", "begin", "end"),
    [
        ("today", "2026-11-22", "2026-11-22"),
        ("yesterday", "2026-11-21", "2026-11-21"),
        ("30d", "2026-10-24", "2026-11-22"),
        ("month", "2026-11-01", "2026-11-22"),
        ("last_month", "2026-10-01", "2026-10-31"),
    ],
)
def test_relative_periods_move_with_the_open_day(name: str, begin: str, end: str) -> None:
    assert asked(period=name) == Period(date.fromisoformat(begin), date.fromisoformat(end))


def test_the_period_before_is_as_long_and_ends_the_day_before() -> None:
    assert asked().before == Period(date(2026, 11, 9), date(2026, 11, 15))


@pytest.mark.parametrize(
    "given",
    [
        {"from": "2026-13-01"},
        {"from": "2026-11-23"},
        {"from": "0001-01-01"},
        {"to": "tomorrow"},
        {"period": "for ever"},
        {"period": "7d", "from": "2026-11-01"},
        {"from": "2020-01-01"},
        {"by": "phase of the moon"},
        {"compare": "luck"},
        {"sort": "1; drop table users"},
        {"hour": "24"},
        {"hour": "x"},
        {"weekday": "0"},
        {"weekday": "8"},
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(given: dict[str, str]) -> None:
    with pytest.raises(AskedWronglyError) as caught:
        question_of(given, today=TODAY, mids=None, groupings=("day",))
    assert caught.value.name in given


def test_a_merchant_outside_of_the_reach_gives_nothing() -> None:
    found = question_of({"mid": "2"}, today=TODAY, mids=("1",))
    assert found.mids == ()
    assert question_of({"mid": "1"}, today=TODAY, mids=("1", "2")).mids == ("1",)
    hours = question_of({"hour": "09", "weekday": "7"}, today=TODAY, mids=None).values
    assert (hours["hour"], hours["weekday"]) == (9, 7)
    assert question_of({"hour": "00"}, today=TODAY, mids=None).values["hour"] == 0
    assert question_of({"tid": "7"}, today=TODAY, mids=None).values["tid"] == "7"
