"""The lowest seams: what a shell may ask of the world, so that a simulator can own the world.

Wall clock, ids and random bytes live here. Time for deadlines is Trio's clock and is asked of Trio
directly. The other seams are elsewhere: the database behind store/verbs.py, the HSM behind
hsm/commands.py, a peer behind the link class (`put(frame)` and `on_frame(bytes)`).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Effects:
    """What reaches the world, as plain functions; the defaults are the real world.

    `now` gives UTC wall time: business dates and stamps only, never a timeout.
    `random_bytes(n)` gives n bytes that nobody can foresee.
    """

    now: Callable[[], datetime] = _utc_now
    random_bytes: Callable[[int], bytes] = os.urandom

    def new_id(self) -> bytes:
        """Return a new id of 16 bytes that sorts by time: 48 bits of milliseconds, 80 random bits.

        RFC 9562 section 5.7 (UUID version 7): version and variant bits are set.
        """
        milliseconds = int(self.now().timestamp() * 1000)
        tail = bytearray(self.random_bytes(10))
        tail[0] = 0x70 | (tail[0] & 0x0F)
        tail[2] = 0x80 | (tail[2] & 0x3F)
        return milliseconds.to_bytes(6, "big") + bytes(tail)
