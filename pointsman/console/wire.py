"""The live stream: payments as they change, sent to any number of readers, bounded for each.

One task follows the journal while anybody listens and keeps the last events; a reader that comes
back continues behind the last one it saw, or is told to read anew. A slow reader loses events and
is told so: nobody waits for it. Where the events come from is store/console_tail.py.
"""

import math
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import msgspec
import trio

from pointsman import log
from pointsman.console import payments
from pointsman.console.counters import ConsoleMetrics
from pointsman.console.rights import Reach
from pointsman.store.console_tail import Cursor, Tail
from pointsman.store.verbs import StoreUnavailableError

RING_SIZE = 10_000
WAITING_MAX = 500
"""Events that wait for one reader; when they are more, it has lost some and is told."""
READERS_MAX = 200
LOOK_S = 0.5
"""How often the journal is looked at while somebody listens."""
LINGER_S = 600.0
"""How long it is followed after the last reader left, so that one who returns misses nothing."""
BEAT_S = 15.0
RETRY_MS = 3000
_SLOW_S = 3.0


@dataclass(frozen=True, slots=True)
class Event:
    """One payment as it stands now."""

    number: int
    mid: str
    data: bytes
    outlet: bytes | None = None


class Reader:
    """What waits for one client."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.waiting: deque[Event] = deque()
        self.lost = False
        self.some = trio.Event()

    def put(self, event: Event) -> None:
        """Let an event wait; the oldest goes where they are too many."""
        if not self.reach.covers(event.mid, event.outlet):
            return
        if len(self.waiting) >= WAITING_MAX:
            self.waiting.popleft()
            self.lost = True
        self.waiting.append(event)
        self.some.set()


class TooManyReadersError(Exception):
    """READERS_MAX streams are open."""


class Wire:
    """The stream of one process; `era` names it, so that ids of another are not mistaken."""

    def __init__(self, tail: Tail, era: str, metrics: ConsoleMetrics) -> None:
        self._tail = tail
        self._era = era
        self._ring: deque[Event] = deque(maxlen=RING_SIZE)
        self._readers: set[Reader] = set()
        self._number = 0
        self._wanted = trio.Event()
        self._cursor: Cursor | None = None
        self._left_at = -math.inf
        self._metrics = metrics

    @property
    def readers(self) -> int:
        """How many listen."""
        return len(self._readers)

    async def run(self) -> None:
        """Follow the journal while somebody listens, or did a moment ago."""
        while True:
            if not self._readers and trio.current_time() - self._left_at > LINGER_S:
                self._cursor = None
                self._ring.clear()
                self._wanted = trio.Event()
                await self._wanted.wait()
            try:
                await self.look()
            except StoreUnavailableError:
                log.get().warning("stream_waits")
                await trio.sleep(_SLOW_S)
            await trio.sleep(LOOK_S)

    async def look(self) -> int:
        """Look at the journal once; return how many events were sent."""
        if self._cursor is None:
            self._cursor = await self._tail.heads()
            return 0
        changed, following = await self._tail.after(self._cursor)
        rows = await self._tail.payments(changed) if changed else []
        outlets = await self._tail.outlets(changed) if changed else {}
        self._cursor = following
        for row in rows:
            told = payments.line(payments.named(row))
            self._number += 1
            data = msgspec.json.encode(told)
            event = Event(self._number, told["merchant"]["mid"], data, outlets.get(row[0]))
            self._ring.append(event)
            for reader in self._readers:
                reader.put(event)
        return len(rows)

    async def stream(self, reach: Reach, last_id: str) -> AsyncGenerator[bytes, None]:
        """Yield server-sent events until the client leaves; raises TooManyReadersError."""
        if len(self._readers) >= READERS_MAX:
            raise TooManyReadersError
        reader = Reader(reach)
        gap = self._fill(reader, last_id)
        self._readers.add(reader)
        self._metrics.stream_readers.set(len(self._readers))
        self._wanted.set()
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            if gap:
                yield b'event: reset\ndata: {"list": "/v1/payments"}\n\n'
            while True:
                if not reader.waiting:
                    with trio.move_on_after(BEAT_S) as scope:
                        await reader.some.wait()
                    if scope.cancelled_caught:
                        yield b": beat\n\n"
                        continue
                reader.some = trio.Event()
                if reader.lost:
                    reader.lost = False
                    self._metrics.stream_lagged.inc()
                    yield b'event: lagged\ndata: {"list": "/v1/payments"}\n\n'
                while reader.waiting:
                    yield self._written(reader.waiting.popleft())
        finally:
            self._readers.discard(reader)
            self._metrics.stream_readers.set(len(self._readers))
            self._left_at = trio.current_time()

    def _fill(self, reader: Reader, last_id: str) -> bool:
        """Give a reader what it missed; True where that is not known any more."""
        era, _, number = last_id.partition("-")
        if not last_id:
            return False
        if era != self._era or not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004  # digits of a bigint
            return True
        seen = int(number)
        if seen > self._number or (self._ring and self._ring[0].number > seen + 1):
            return True
        if not self._ring and seen < self._number:
            return True
        for event in self._ring:
            if event.number > seen:
                reader.put(event)
        return False

    def _written(self, event: Event) -> bytes:
        head = f"id: {self._era}-{event.number}\nevent: payment\ndata: ".encode()
        return head + event.data + b"\n\n"
