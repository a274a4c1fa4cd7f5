"""Which day is closed: the open one unless it lies ahead; when it is due in the site's zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.settlement.end_of_day import (
    Close,
    Decision,
    Nothing,
    WriteAgain,
    business_date,
    choose,
    ends_at,
    following_day,
    is_due,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 22)
NEXT = DAY + timedelta(days=1)
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Shanghai
MIDNIGHT = time(0, 0)


def decide(
    asked: date | None = None,
    open_day: date = DAY,
    closing: tuple[date, ...] = (),
    last_closed: date | None = None,
) -> Decision:
    return choose(
        asked,
        open_day=open_day,
        closing=closing,
        last_closed=last_closed,
        now=NOON,
        cutoff=MIDNIGHT,
        zone=SHANGHAI,
    )


def test_open_day_is_closed_and_the_next_opens() -> None:
    assert decide() == Close(DAY, NEXT)
    assert decide(DAY) == Close(DAY, NEXT)


def test_second_run_writes_the_day_again_that_the_first_closed() -> None:
    assert decide(open_day=NEXT, last_closed=DAY) == WriteAgain(DAY)


@given(
    st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.times(),
)
def test_second_run_closes_nothing_at_any_hour_and_cut_off(now: datetime, cutoff: time) -> None:
    today = business_date(now, cutoff, SHANGHAI)

    def asked_at(open_day: date, last_closed: date | None) -> Decision:
        return choose(
            None,
            open_day=open_day,
            closing=(),
            last_closed=last_closed,
            now=now,
            cutoff=cutoff,
            zone=SHANGHAI,
        )

    first = asked_at(today, None)
    assert isinstance(first, Close)
    assert first.day == today
    assert asked_at(first.following, first.day) == WriteAgain(today)


def test_close_that_was_begun_is_finished_first() -> None:
    assert decide(open_day=NEXT, closing=(DAY,), last_closed=None) == Close(DAY, NEXT)
    assert decide(DAY, open_day=NEXT, closing=(DAY,)) == Close(DAY, NEXT)


def test_day_after_today_is_not_closed() -> None:
    assert isinstance(decide(open_day=NEXT), Nothing)
    assert isinstance(decide(NEXT, open_day=NEXT), Nothing)
    assert isinstance(decide(NEXT, open_day=DAY), Nothing)


def test_earlier_day_by_name_is_written_again() -> None:
    assert decide(date(2026, 11, 1), last_closed=date(2026, 11, 21)) == WriteAgain(
        date(2026, 11, 1)
    )


def test_after_a_pause_of_days_today_opens_and_no_day_between() -> None:
    assert decide(open_day=date(2026, 11, 2)) == Close(date(2026, 11, 2), DAY)


@pytest.mark.parametrize(
    ("cutoff", "end"),
    [
        (time(0, 0), datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),
        (time(3, 30), datetime(2026, 11, 22, 19, 30, tzinfo=UTC)),
        (time(23, 0), datetime(2026, 11, 22, 15, 0, tzinfo=UTC)),
        (time(12, 0), datetime(2026, 11, 23, 4, 0, tzinfo=UTC)),
        (time(12, 1), datetime(2026, 11, 22, 4, 1, tzinfo=UTC)),
    ],
)
def test_day_ends_at_the_cutoff_in_the_zone(cutoff: time, end: datetime) -> None:
    assert ends_at(DAY, cutoff, SHANGHAI) == end
    assert not is_due(DAY, end - timedelta(seconds=1), cutoff, SHANGHAI)
    assert is_due(DAY, end, cutoff, SHANGHAI)


_ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia"])
_CUTOFFS = st.times().map(lambda found: found.replace(second=0, microsecond=0))
_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001 (made UTC below)
    lambda found: found.replace(tzinfo=UTC)
)


@given(_MOMENTS, _CUTOFFS, _ZONES)
def test_every_moment_lies_in_one_business_day(now: datetime, cutoff: time, name: str) -> None:
    zone = ZoneInfo(name)
    day = business_date(now, cutoff, zone)
    assert ends_at(day - timedelta(days=1), cutoff, zone) <= now < ends_at(day, cutoff, zone)


@given(_MOMENTS, _CUTOFFS, st.integers(0, 30))
def test_following_day_is_later_and_never_over_already(
    now: datetime, cutoff: time, behind: int
) -> None:
    day = now.astimezone(SHANGHAI).date() - timedelta(days=behind)
    following = following_day(day, now, cutoff, SHANGHAI)
    assert following > day
    assert not is_due(following, now, cutoff, SHANGHAI)


def test_a_first_day_that_began_with_an_evening_cut_off_is_closed_when_nothing_was_before() -> None:
    evening = datetime(2026, 11, 22, 15, 10, tzinfo=UTC)  # 23:10 in Shanghai, cut-off 23:00
    tomorrow = date(2026, 11, 23)
    asked: date | None
    for asked in (None, tomorrow):
        decision = choose(
            asked,
            open_day=tomorrow,
            closing=(),
            last_closed=None,
            now=evening,
            cutoff=time(23, 0),
            zone=ZoneInfo("Asia/Shanghai"),
        )
        assert decision == Close(tomorrow, date(2026, 11, 24))
    again = choose(
        None,
        open_day=date(2026, 11, 24),
        closing=(),
        last_closed=tomorrow,
        now=evening,
        cutoff=time(23, 0),
        zone=ZoneInfo("Asia/Shanghai"),
    )
    assert again == WriteAgain(tomorrow)
