"""Which bitmaps deserve generated code: those seen often, and not too many of them.

Making code costs 0.4 ms, as much as a dozen careful walks. A peer that sends ever new bitmaps must
not make us pay that: a bitmap is walked until it has come back several times, and when the table
of code is full, a newcomer must wait for many walks more.
"""

from collections.abc import Hashable
from typing import Final

USES_BEFORE_CODE: Final = 8
CODES_MAX: Final = 256  # codes kept in one table; a busy switch uses below 40
SEEN_MAX: Final = 4096  # bitmaps counted at one time
CALLS_BETWEEN: Final = 65_536  # walks between two codes once CODES_MAX were made


class Admission:
    """Counts how often each key comes by and says when it has earned its code."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, int] = {}
        self._made = 0
        self._calls = 0

    @property
    def made(self) -> int:
        """How many keys were admitted so far."""
        return self._made

    def deserves(self, key: Hashable) -> bool:
        """Count one more use of ``key``; say whether its code should be made now."""
        self._calls += 1
        uses = self._seen.get(key, 0) + 1
        if uses < USES_BEFORE_CODE:
            if len(self._seen) >= SEEN_MAX:
                self._seen.clear()
            self._seen[key] = uses
            return False
        if self._made >= CODES_MAX and self._calls < CALLS_BETWEEN:
            return False
        self._seen.pop(key, None)
        self._made += 1
        self._calls = 0
        return True
