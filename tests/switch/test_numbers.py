"""Leased numbers: each given out once, none waited for, none left when the database is away."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import trio
from trio.testing import MockClock

from pointsman.effects import Effects
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.numbers import (
    HOST_STAN_MAX,
    RRN_MAX,
    NumberLease,
    day_period,
    host_stan_text,
    rrn_lease,
    rrn_text,
    stan_lease,
)


@dataclass
class Counters:
    """The database's counters; several leases may share them, as workers do."""

    next: dict[tuple[str, str], int] = field(default_factory=dict)
    leases: int = 0
    away: bool = False

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        await trio.sleep(0.01)
        if self.away:
            raise StoreUnavailableError
        self.leases += 1
        first = self.next.get((name, period), 1)
        self.next[name, period] = first + count
        return first


def plain(period: str, number: int) -> str:
    return f"{period}/{number}"


async def test_numbers_come_in_order_and_the_next_block_is_there_in_time(
    autojump_clock: MockClock,
) -> None:
    counters = Counters()
    lease = NumberLease(counters, "n", lambda: "p", plain, block=10)
    assert lease.take() is None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        await trio.sleep(0.1)
        taken = []
        for _ in range(100):
            taken.append(lease.take())
            await trio.sleep(0.02)
        assert taken == [f"p/{number}" for number in range(1, 101)]
        nursery.cancel_scope.cancel()


async def test_two_workers_never_get_the_same_number(autojump_clock: MockClock) -> None:
    counters = Counters()
    leases = [NumberLease(counters, "n", lambda: "p", plain, block=7) for _ in range(2)]
    async with trio.open_nursery() as nursery:
        for lease in leases:
            nursery.start_soon(lease.run)
        await trio.sleep(0.1)
        taken = []
        for _ in range(100):
            taken += [lease.take() for lease in leases]
            await trio.sleep(0.05)
        assert None not in taken
        assert len(set(taken)) == len(taken)
        nursery.cancel_scope.cancel()


async def test_a_burst_beyond_the_block_gets_none_and_not_a_wait(
    autojump_clock: MockClock,
) -> None:
    counters = Counters()
    lease = NumberLease(counters, "n", lambda: "p", plain, block=5)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        await trio.sleep(0.1)
        taken = [lease.take() for _ in range(20)]
        assert taken[:5] == [f"p/{number}" for number in range(1, 6)]
        assert taken[5:] == [None] * 15
        await trio.sleep(0.1)
        assert lease.take() == "p/6"
        nursery.cancel_scope.cancel()


async def test_the_database_may_be_away_as_long_as_the_block_lasts(
    autojump_clock: MockClock,
) -> None:
    counters = Counters()
    lease = NumberLease(counters, "n", lambda: "p", plain, block=10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        await trio.sleep(0.1)
        counters.away = True
        assert [lease.take() for _ in range(11)] == [*(f"p/{n}" for n in range(1, 11)), None]
        await trio.sleep(30)
        assert lease.take() is None
        counters.away = False
        await trio.sleep(2)
        assert lease.take() == "p/11"
        nursery.cancel_scope.cancel()


async def test_a_new_period_starts_anew_and_the_old_block_serves_until_then(
    autojump_clock: MockClock,
) -> None:
    period = ["p1"]
    counters = Counters()
    lease = NumberLease(counters, "n", lambda: period[0], plain, block=10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        await trio.sleep(0.1)
        assert lease.take() == "p1/1"
        period[0] = "p2"
        assert lease.take() == "p1/2"
        await trio.sleep(2)
        assert lease.take() == "p2/1"
        assert counters.leases == 2
        nursery.cancel_scope.cancel()


async def test_a_block_leased_ahead_in_an_old_period_is_burnt_with_it(
    autojump_clock: MockClock,
) -> None:
    period = ["p1"]
    lease = NumberLease(Counters(), "n", lambda: period[0], plain, block=10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        await trio.sleep(0.1)
        taken = [lease.take() for _ in range(8)]
        await trio.sleep(0.1)  # the next block of p1 is there
        period[0] = "p2"
        await trio.sleep(2)
        taken = [lease.take() for _ in range(8)]
        assert taken == [f"p2/{number}" for number in range(1, 9)]
        await trio.sleep(0.1)
        taken = [lease.take() for _ in range(8)]
        assert taken == [f"p2/{number}" for number in range(9, 17)]
        nursery.cancel_scope.cancel()


async def test_a_quiet_lease_asks_the_database_once(autojump_clock: MockClock) -> None:
    counters = Counters()
    lease = NumberLease(counters, "n", lambda: "p", plain)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        await trio.sleep(3600)
        assert counters.leases == 1
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("make", "texts"),
    [
        (rrn_lease, ["632600000001", "632600000002"]),
        (lambda counters, effects: stan_lease(counters, effects, "alpha"), ["000001", "000002"]),
    ],
)
async def test_rrn_and_host_stan_have_their_form(
    make: Callable[[Counters, Effects], NumberLease],
    texts: list[str],
    autojump_clock: MockClock,
) -> None:
    effects = Effects(now=lambda: datetime(2026, 11, 22, 13, 0, tzinfo=UTC))
    lease = make(Counters(), effects)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        await trio.sleep(0.1)
        assert [lease.take(), lease.take()] == texts
        nursery.cancel_scope.cancel()


def test_an_rrn_is_the_day_and_eight_digits_and_no_more() -> None:
    period = day_period(datetime(2029, 2, 3, tzinfo=UTC))
    assert period == "9034"
    assert rrn_text(period, RRN_MAX) == "903499999999"
    assert rrn_text(period, RRN_MAX + 1) is None


async def test_a_clock_that_jumps_by_ten_years_gives_no_rrn_again(
    autojump_clock: MockClock,
) -> None:
    """Found by real faults: 2026 and 2036 have one digit, and each counted from 1."""
    year = [2026]
    effects = Effects(now=lambda: datetime(year[0], 11, 22, 13, 0, tzinfo=UTC))
    lease = rrn_lease(Counters(), effects)
    given = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lease.run)
        for jumped in (2026, 2036, 2016, 2026):
            year[0] = jumped
            await trio.sleep(3)
            given += [lease.take() for _ in range(5)]
        nursery.cancel_scope.cancel()
    assert None not in given
    assert len(set(given)) == len(given)


def test_host_stans_come_round_below_those_of_network_messages() -> None:
    assert host_stan_text("2026", HOST_STAN_MAX) == "899999"
    assert host_stan_text("2026", HOST_STAN_MAX + 1) == "000001"
