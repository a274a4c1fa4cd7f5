"""Chance that comes out the same in every run: drawn from names, not from an order of calls.

A core. What is drawn for is named (a seed, a day, a terminal), so that a change in one place moves
nothing elsewhere. Not for secrets.
"""

from collections.abc import Sequence
from hashlib import sha256

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


class Chance:
    """A row of draws that belongs to its names (SplitMix64, seeded by SHA-256)."""

    def __init__(self, *names: object) -> None:
        text = "|".join(map(str, names))
        self._state = int.from_bytes(sha256(text.encode()).digest()[:8], "big")

    def number(self) -> int:
        """Return 64 bits."""
        self._state = (self._state + _GOLDEN) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to one below `bound`."""
        return self.number() % bound

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def happens(self, per_mille: int) -> bool:
        """Say yes in so many of a thousand cases."""
        return self.below(1000) < per_mille

    def weighted(self, weights: Sequence[int]) -> int:
        """Return a place in `weights`, the heavier the more often."""
        left = self.below(sum(weights))
        for place, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return place
        raise AssertionError("what is below the sum falls to a place")

    def octets(self, size: int) -> bytes:
        """Return `size` bytes."""
        return b"".join(self.number().to_bytes(8, "big") for _ in range(size // 8 + 1))[:size]
