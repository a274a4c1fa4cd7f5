"""Payments under way, and copies that wait for one of them: each learns what its first copy got.

A first copy that is ours is waited for here, another worker's is asked of the store. What a copy
is told of it is ending.py, what a payment does next is transaction.py; conductor.py owns the seats.
"""

from collections.abc import Callable
from dataclasses import replace

from msgspec import Struct

from pointsman.store.records import Transaction, Undo
from pointsman.switch.lookups import Away, Lookups
from pointsman.switch.ports import Ask
from pointsman.switch.steps import Event, FirstSettled, Step
from pointsman.switch.transaction import PaymentLife


class Seat(Struct):
    """A payment under way; `acquirer` and `host_s` are what is counted of it at its end."""

    ask: Ask
    life: PaymentLife
    deadline: float
    written_by: float = 0.0  # no byte of the request leaves later: its commit is too old then
    acquirer: str = "none"
    waiters: list["Seat"] = []
    host_s: float = 0.0


class Seats:
    """All payments of one worker that others may wait for; `on` takes what happened to one."""

    def __init__(self, lookups: Lookups, on: Callable[[Seat, Event], None]) -> None:
        self._lookups = lookups
        self._on = on
        self._seats: dict[bytes, Seat] = {}

    def take(self, transaction: bytes, seat: Seat) -> None:
        """Let copies of this payment find it from now on."""
        self._seats[transaction] = seat

    def join(self, seat: Seat, first: bytes) -> None:
        """Wait for the first copy: here if it is ours, else by asking the store."""
        under_way = self._seats.get(first)
        if under_way and under_way is not seat and under_way.life.step is not Step.DONE:
            under_way.waiters.append(seat)
            return

        def done(found: Transaction | Away | None) -> None:
            self._on(seat, FirstSettled(None if isinstance(found, Away) else found))

        self._lookups.first_copy(first, seat.deadline, done)

    def claim(self, seat: Seat, first: Transaction) -> None:
        """Ask that this copy may be told the first one's approval."""

        def done(stands: bool | Away) -> None:  # where it does not, it is owed its reversal
            settled = replace(first, taken=True) if stands else replace(first, undo=Undo.OWED)
            self._on(seat, FirstSettled(None if isinstance(stands, Away) else settled))

        self._lookups.claim(first.id, done)

    def leave(self, seat: Seat) -> None:
        """Forget a payment that has ended, and tell the copies that waited for it."""
        self._seats.pop(seat.life.desk.id, None)
        waiters, seat.waiters = seat.waiters, []
        if waiters:
            record = seat.life.settled()
            for waiter in waiters:
                self._on(waiter, FirstSettled(record))
