"""The limit on faulty PIN blocks under one key: a table of trials breaks formats without a PAN.

A thousand faults in an hour close the key for the rest of that hour and raise one alarm. What a
fault is, ``pinblock`` says; what is done about it, ``engine``.
"""

from hashlib import blake2b

from pointsman.hsm.commands import Refused

LIMITED = Refused("limited", "too many faulty PIN blocks under this key")
FAULTS_MAX = 1_000  # faults under one key in a window
WINDOW_S = 3_600
KEYS_MAX = 20_000  # keys remembered; the longest untouched is forgotten


class FaultLimit:
    """Counts faults by key and hour."""

    __slots__ = ("_seen", "faults_max")

    def __init__(self, faults_max: int = FAULTS_MAX) -> None:
        self.faults_max = faults_max
        self._seen: dict[bytes, tuple[int, int]] = {}

    @staticmethod
    def who(block: bytes) -> bytes:
        """Return what a key is remembered by."""
        return blake2b(block, digest_size=16).digest()

    def is_closed(self, who: bytes, now_s: int) -> bool:
        """Tell whether this key has used up its faults in this window."""
        start_s, count = self._seen.get(who, (0, 0))
        return count >= self.faults_max and now_s < start_s + WINDOW_S

    def add(self, who: bytes, now_s: int) -> bool:
        """Count a fault; True the moment the limit is reached."""
        start_s, count = self._seen.pop(who, (now_s, 0))
        if now_s >= start_s + WINDOW_S:
            start_s, count = now_s, 0
        while len(self._seen) >= KEYS_MAX:
            del self._seen[next(iter(self._seen))]
        self._seen[who] = start_s, count + 1
        return count + 1 == self.faults_max
