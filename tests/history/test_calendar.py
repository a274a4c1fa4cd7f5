"""The agenda of a day: in order, and nobody pays who has not signed in."""

from datetime import date

from pointsman.history.calendar import Closes, Opens, Pays, TakesBack, Undone, agenda, days
from pointsman.history.story import HOUR_MS, MINUTE_MS, Story
from pointsman.history.town import DAYS
from tests.history.test_story import HOMES
from tests.history.town import ZONE, town


def test_the_days_end_with_the_open_one() -> None:
    every = days(date(2026, 3, 10), ZONE)
    assert len(every) == DAYS
    assert [one.date for one in every[-2:]] == [date(2026, 3, 9), date(2026, 3, 10)]
    assert every[-1].midnight_ms - every[-2].midnight_ms == 24 * HOUR_MS
    assert [one.number for one in every] == list(range(DAYS))


def test_who_pays_has_signed_in_and_whoever_closes_has_paid_before() -> None:
    day = days(date(2026, 3, 10), ZONE)[-1]
    until_ms = day.midnight_ms + 23 * HOUR_MS
    happened = Story(1, town(), HOMES).day(day.number, 2, day.midnight_ms, until_ms)
    signed_in: set[str] = set()
    closed: set[str] = set()
    kinds = set()
    last_ms = 0
    for due in agenda(day, town(), happened, 1, until_ms):
        kinds.add(type(due))
        assert due.at_ms >= last_ms
        last_ms = due.at_ms
        match due:
            case Opens(_, place):
                signed_in.add(place.tid)
            case Pays(_, happening):
                assert happening.place.tid in signed_in - closed
            case Closes(_, place):
                closed.add(place.tid)
            case TakesBack() | Undone():
                pass
    assert kinds == {Opens, Pays, TakesBack, Undone, Closes}
    assert closed < signed_in


def test_early_on_the_open_day_whoever_has_paid_has_signed_in_before() -> None:
    day = days(date(2026, 3, 10), ZONE)[-1]
    until_ms = day.midnight_ms + 40 * MINUTE_MS
    happened = Story(1, town(), HOMES).day(day.number, 2, day.midnight_ms, until_ms)
    found = agenda(day, town(), happened, 1, until_ms)
    assert [type(due) for due in found] == [Opens, Opens, Pays, Pays] or len(found) == 4
