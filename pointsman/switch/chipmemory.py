"""Chip data of answers, for copies that come soon: in memory alone, for a short while.

What an issuer says to a chip (field 55: scripts, its cryptogram) is never journaled. A repeat hears
it while the worker still has it (switch-rules 2); afterwards the answer goes without.
"""

from typing import Final

KEPT_S: Final = 120.0  # a terminal waits 60 s for its answer, then repeats
KEPT_MAX: Final = 10_000  # the oldest go first


class ChipMemory:
    """Field 55 of answers by transaction; printing it shows how many there are."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[float, str]] = {}

    def keep(self, transaction: bytes, chip: str, now: float) -> None:
        """Keep what an answer says to the chip, if it says anything."""
        if not chip:
            return
        if len(self._kept) >= KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        self._kept[transaction] = (now + KEPT_S, chip)

    def of(self, transaction: bytes) -> str:
        """Return what a transaction's answer said to the chip; nothing where that is gone."""
        return self._kept.get(transaction, (0.0, ""))[1]

    def sweep(self, now: float) -> None:
        """Forget what was kept long enough."""
        for transaction, (until, _) in list(self._kept.items()):
            if until > now:
                break  # kept in the order of time
            del self._kept[transaction]

    def __repr__(self) -> str:
        return f"ChipMemory({len(self._kept)} answers)"
