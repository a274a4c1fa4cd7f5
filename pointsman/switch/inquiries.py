"""What a payment wants to know of the store before it goes on: its original, its terminal.

Questions are asked through lookups.py, their answers become events of the payment. Its first copy
is seats.py's; what the answers mean is transaction.py.
"""

from collections.abc import Callable

from pointsman.routing.table import Choice, NoRoute, follow
from pointsman.store.parties import Terminal
from pointsman.store.records import Transaction
from pointsman.switch.lookups import Away, Lookups
from pointsman.switch.seats import Seat
from pointsman.switch.siteview import SiteView
from pointsman.switch.steps import Event, FindOriginal, OriginalSought, StoreAway, TerminalReread


class Inquiries:
    """Asks for the payments of one worker; `on` takes what came back."""

    def __init__(self, site: SiteView, lookups: Lookups, on: Callable[[Seat, Event], None]) -> None:
        self._site = site
        self._lookups = lookups
        self._on = on

    def usable(self, seat: Seat) -> Callable[[str], bool]:
        """Return what tells whether an acquirer takes this payment now."""
        return always if seat.life.payment.flow.told_first else self._site.usable

    def original(self, seat: Seat, command: FindOriginal) -> None:
        """Find what a follow-up speaks of, and the way to whom it went."""
        payment = command.payment

        def done(original: Transaction | Away | None) -> None:
            if isinstance(original, Away):
                self._on(seat, StoreAway())
                return
            route: Choice | NoRoute | None = None
            if original is not None:
                route = follow(self._site.directory, original.acquirer, self.usable(seat))
            self._on(seat, OriginalSought(original, route))

        if payment.original is None:
            done(None)
        else:
            key = payment.key
            self._lookups.original(key.mid, key.tid, payment.original, command.hold_of, done)

    def promote(self, seat: Seat, number: int) -> None:
        """Note that a pending key set was seen in use; after that the terminal is read again."""
        mid, tid = seat.ask.mid, seat.ask.tid
        self._lookups.promote(mid, tid, number, lambda: self._site.forget(mid, tid))

    def reread(self, seat: Seat) -> None:
        """Read the terminal again: another worker may have signed it in."""

        def done(terminal: Terminal | Away | None) -> None:
            if isinstance(terminal, Away):
                self._on(seat, StoreAway())
                return
            if terminal is not None:
                self._site.remember(terminal)
            self._on(seat, TerminalReread(terminal))

        self._lookups.terminal(seat.ask.mid, seat.ask.tid, done, again=True)


def always(_acquirer: str) -> bool:
    """Say yes: what is told first waits for its acquirer (terminal-protocol 8.7)."""
    return True
