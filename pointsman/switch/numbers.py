"""Numbers that are given out once: RRN and host STAN, leased from the database in blocks.

`take` is synchronous and never waits; a task leases the next block ahead. What a crash leaves of a
block is burnt. How numbers are counted is the store's (`Records.lease_numbers`); which fields they
go into is said in hosts.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import trio

from pointsman import log
from pointsman.effects import Effects
from pointsman.store.verbs import StoreUnavailableError

BLOCK: Final = 1000  # numbers a lease (switch-wide rates of 10,000/s need ten leases a second)
RETRY_S: Final = 0.5  # between attempts while the database is away
LOOK_S: Final = 1.0  # how often the task looks whether a new period has begun

RRN_MAX: Final = 99_999_999  # eight digits a day
HOST_STAN_MAX: Final = 899_999  # 900000-999999 are the links' own network messages (session.py)


class Leases(Protocol):
    """The one verb of store/verbs.py that is needed here."""

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        """Return the first of `count` numbers that nobody else will ever get in `period`."""


@dataclass(slots=True)
class _Block:
    """Numbers from `following` to `last` of one period; owned by one lease."""

    period: str
    following: int
    last: int

    @property
    def left(self) -> int:
        return self.last - self.following + 1


class NumberLease:
    """Numbers of one series, as text for the wire.

    `period_of` names the period that is now; numbers start at 1 in each. A block of the period
    before is used until one of the new period is there: its numbers carry their own period and stay
    unique. `text` makes the field of period and number, or None where the period is used up.
    """

    def __init__(
        self,
        records: Leases,
        name: str,
        period_of: Callable[[], str],
        text: Callable[[str, int], str | None],
        *,
        block: int = BLOCK,
    ) -> None:
        self._records = records
        self._name = name
        self._period_of = period_of
        self._text = text
        self._size = block
        self._current: _Block | None = None
        self._ahead: _Block | None = None
        self._wanted = trio.Event()

    def take(self) -> str | None:
        """Return a number that nobody ever got before, or None while there is none to give."""
        block = self._current
        if block is None or block.left == 0:
            block, self._ahead = self._ahead, None
            self._current = block
        if block is None:
            self._wanted.set()
            return None
        number = block.following
        block.following += 1
        if block.left * 2 < self._size and self._ahead is None:
            self._wanted.set()
        return self._text(block.period, number)

    async def run(self) -> None:
        """Lease ahead until cancelled; while the database is away, try again and again."""
        while True:
            period = self._period_of()
            if self._is_short(period):
                await self._lease(period)
                continue
            with trio.move_on_after(LOOK_S):
                await self._wanted.wait()
            self._wanted = trio.Event()

    def _is_short(self, period: str) -> bool:
        newest = self._ahead or self._current
        if newest is None or newest.period != period:
            return True
        return self._ahead is None and newest.left * 2 < self._size

    async def _lease(self, period: str) -> None:
        try:
            first = await self._records.lease_numbers(self._name, period, self._size)
        except StoreUnavailableError:
            log.get().warning("numbers_not_leased", name=self._name, reason="store unavailable")
            await trio.sleep(RETRY_S)
            return
        block = _Block(period, first, first + self._size - 1)
        current = self._current
        if current is None or current.left == 0 or current.period != period:
            self._current, self._ahead = block, None  # what is left of an old period is burnt
        else:
            self._ahead = block


def rrn_lease(records: Leases, effects: Effects) -> NumberLease:
    """Lease field 37: YDDD and the switch-wide counter of that UTC day."""
    return NumberLease(records, "rrn", lambda: day_period(effects.now()), rrn_text)


def stan_lease(records: Leases, effects: Effects, acquirer: str) -> NumberLease:
    """Lease field 11 towards one acquirer, counted over the UTC year."""
    return NumberLease(
        records, f"stan/{acquirer}", lambda: f"{effects.now().year:04d}", host_stan_text
    )


def day_period(now: datetime) -> str:
    """Return the period of an RRN as the number carries it, YDDD.

    A clock that is ten years off counts on where the day of the same name was (P23).
    """
    return f"{now.year % 10}{now.timetuple().tm_yday:03d}"


def rrn_text(period: str, number: int) -> str | None:
    """Return field 37 as YDDDnnnnnnnn (switch-rules 1), None when the day is used up."""
    return f"{period}{number:08d}" if number <= RRN_MAX else None


def host_stan_text(_period: str, number: int) -> str:
    """Return field 11: 000001 to 899999, then again; unique together with field 7's second."""
    return f"{(number - 1) % HOST_STAN_MAX + 1:06d}"
