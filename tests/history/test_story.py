"""The story: the same days from the same seed, in bounds, and what follows follows something."""

from collections import Counter

import pytest

from pointsman.history.making import SEED
from pointsman.history.story import HOUR_MS, SLOW_HOUR, Deed, Happening, Story
from pointsman.history.town import DAYS
from tests.history.town import town

MIDNIGHT_MS = 1_700_000_000_000 // HOUR_MS * HOUR_MS
HOMES = {place.mid: ("alpha", "beta", "gamma")[place.number % 3] for place in town()}


def told(seed: int, days: int, hours: int = 24) -> list[list[Happening]]:
    story = Story(seed, town(), HOMES)
    found = []
    for day in range(days):
        midnight_ms = MIDNIGHT_MS + day * 24 * HOUR_MS
        found.append(story.day(day, day % 7 + 1, midnight_ms, midnight_ms + hours * HOUR_MS))
    return found


def test_the_same_seed_tells_the_same_story() -> None:
    assert told(1, 2) == told(1, 2)
    assert told(1, 2) != told(2, 2)


def test_ninety_days_hold_some_forty_thousand_payments() -> None:
    counts = [len(day) for day in told(SEED, DAYS)]
    assert len(counts) == 90
    assert 38_000 < sum(counts) < 42_000
    assert min(counts) > 150


def test_what_follows_follows_something_that_stood() -> None:
    before: dict[int, Happening] = {}
    deeds: Counter[Deed] = Counter()
    followed: Counter[int] = Counter()
    for day in told(3, 12):
        assert day == sorted(day, key=lambda one: (one.at_ms, one.number))
        for one in day:
            deeds[one.deed] += 1
            assert one.number not in before
            if one.of >= 0:
                original = before[one.of]
                assert original.approved
                assert original.at_ms < one.at_ms
                assert one.place == original.place
                assert one.amount_minor <= original.amount_minor * 108 // 100
                followed[one.of] += 1
            before[one.number] = one
    assert set(deeds) == set(Deed)
    assert deeds[Deed.SALE] > 3000
    assert max(followed.values()) == 1


@pytest.mark.parametrize("hours", [0, 9, 15])
def test_nothing_happens_after_now(hours: int) -> None:
    (day,) = told(4, 1, hours)
    assert all(one.told_ms < MIDNIGHT_MS + hours * HOUR_MS for one in day)
    assert bool(day) is (hours > 0)


def test_most_is_approved_and_the_slow_acquirer_has_its_ten_minutes() -> None:
    answers: Counter[str] = Counter()
    silent_hours: Counter[bool] = Counter()
    for day in told(5, 20):
        for one in day:
            answers[one.answer] += 1
            if one.answer == "":
                hour = one.at_ms // HOUR_MS % 24
                silent_hours[hour == SLOW_HOUR - 8] += 1
    share = answers["00"] / sum(answers.values())
    assert 0.9 < share < 0.97
    assert silent_hours[True] > 0


def test_only_what_will_be_followed_is_remembered() -> None:
    story = Story(6, town(), HOMES)
    day = story.day(0, 1, MIDNIGHT_MS, MIDNIGHT_MS + 24 * HOUR_MS)
    awaited = story.awaited()
    assert awaited
    assert awaited < {one.number for one in day}
    story.day(DAYS - 1, 1, MIDNIGHT_MS, MIDNIGHT_MS + 24 * HOUR_MS)
    assert story.awaited() == awaited, "nothing follows the last day"
