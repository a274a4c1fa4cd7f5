"""How many payments one worker takes at a time: all of them, and those that wait for the house.

A core. A payment at its acquirer costs nothing while it waits; one that waits for HSM or journal
makes all others wait. Beyond either limit the next is refused at once, so that those who are
served are served in time (P22). Who refuses is conductor.py and reception.py.
"""

from typing import Final

OWN_MAX: Final = 500
"""Payments of one worker that wait for us: half a second's work of a worker that has its core."""


class Room:
    """Counts the payments of one worker; `under_way_max` bounds them with those at acquirers."""

    def __init__(self, under_way_max: int, own_max: int = OWN_MAX) -> None:
        self.under_way = 0
        self._at_hosts = 0
        self._under_way_max = under_way_max
        self._own_max = own_max

    def is_full(self) -> bool:
        """Whether the next payment is to be refused."""
        own = self.under_way - self._at_hosts
        return own >= self._own_max or self.under_way >= self._under_way_max

    def enter(self) -> None:
        """Count a payment that begins."""
        self.under_way += 1

    def leave(self) -> None:
        """Count a payment that has its answer, or gets none."""
        self.under_way -= 1

    def to_host(self) -> None:
        """Count a payment that waits for its acquirer from now on."""
        self._at_hosts += 1

    def from_host(self) -> None:
        """Count a payment that waits for its acquirer no more."""
        self._at_hosts -= 1
