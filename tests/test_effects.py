"""Ids sort by time and no two are equal; the clock is UTC (effects.py)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from pointsman.effects import Effects

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive there


def at(moment: datetime, filling: int) -> Effects:
    return Effects(now=lambda: moment, random_bytes=lambda size: bytes([filling]) * size)


@given(MOMENTS, st.integers(0, 255))
def test_id_is_a_uuid_of_version_7(moment: datetime, filling: int) -> None:
    made = UUID(bytes=at(moment, filling).new_id())
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert abs(made.int >> 80) == int(moment.timestamp() * 1000)


@given(MOMENTS, st.integers(0, 255), st.integers(0, 255))
def test_later_id_sorts_after_an_earlier_one(moment: datetime, first: int, second: int) -> None:
    later = moment + timedelta(milliseconds=2)
    assert at(moment, first).new_id() < at(later, second).new_id()


def test_the_real_world_gives_utc_and_ids_that_differ() -> None:
    effects = Effects()
    assert effects.now().utcoffset() == timedelta(0)
    assert len({effects.new_id() for _ in range(1000)}) == 1000
