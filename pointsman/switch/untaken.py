"""Approvals of which no connection took a byte: they wait for a repeat, then they are reversed.

One worker's, in memory: after a crash without a note of delivery only the terminal may reverse
(switch-rules 4, 2). Who gives an answer to a connection is conductor.py.
"""

from collections.abc import Callable
from typing import Final

WAITING_MAX: Final = 10_000  # beyond it an approval that nobody took is reversed at once
REASON: Final = "68"  # field 39 of the reversal


class Untaken:
    """Transactions by their deadline; `owe` writes what undoes one."""

    def __init__(self, owe: Callable[[bytes, str], None]) -> None:
        self._owe = owe
        self._waiting: dict[bytes, float] = {}

    def wait(self, transaction: bytes, deadline: float) -> None:
        """Let an approval wait for a repeat until its deadline."""
        if len(self._waiting) >= WAITING_MAX:
            self._owe(transaction, REASON)
        else:
            self._waiting[transaction] = deadline

    def taken(self, transaction: bytes) -> None:
        """Note that a connection took a byte of it: only the terminal may reverse it now."""
        self._waiting.pop(transaction, None)

    def sweep(self, now: float) -> None:
        """Owe the reversal of those that no repeat asked for in time."""
        over = [one for one, deadline in self._waiting.items() if deadline <= now]
        for transaction in over:
            del self._waiting[transaction]
            self._owe(transaction, REASON)
