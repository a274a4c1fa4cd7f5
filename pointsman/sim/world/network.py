"""The simulated network: connections of two byte pipes, with TCP's rules and TCP's accidents.

A shell. Bytes of one pipe arrive in order and once, or not at all; connections differ freely.
Delay, pieces, partitions, half-open silence, resets and deaths of either side come from the seed.
Framing and messages are the product's; who listens is world.py's business.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import trio

from pointsman.sim.world.chance import Faults, Trace
from pointsman.sim.world.pipe import Pipe
from pointsman.sim.world.process import Process

NEVER = float("inf")
PIECES_MAX = 4
CONNECT_HANGS_S = 12.0

Accept = Callable[["End"], None]


class End:
    """One side of a connection; it is a `Wire` for links, and a stream for terminals."""

    def __init__(
        self, network: "Network", owner: Process, group: str, pipes: tuple[Pipe, Pipe]
    ) -> None:
        self.owner = owner
        self.group = group
        self.broken = False
        self.closed = False
        self._network = network
        self._in, self._out = pipes
        self._stalled_until = 0.0

    # -- what a link asks of its wire

    async def receive(self) -> bytes:
        """Wait for bytes; none at the end; OSError when the connection is gone."""
        while True:
            if not self.owner.alive:
                await self.owner.gone()
            if self.closed or self.broken:
                raise ConnectionResetError
            now = trio.current_time()
            if self._in.queue and self._in.queue[0][0] <= now:
                await trio.lowlevel.checkpoint()
                return self._take(now)
            self._in.news = trio.Event()
            until = self._in.queue[0][0] if self._in.queue else NEVER
            with trio.move_on_at(until):
                await self._in.news.wait()

    def _take(self, now: float) -> bytes:
        parts: list[bytes] = []
        while self._in.queue and self._in.queue[0][0] <= now:
            data = self._in.queue[0][1]
            if data is None or data == b"":
                if not parts:
                    self.broken = data is None
                    if self.broken:
                        raise ConnectionResetError
                    return b""
                break
            self._in.queue.popleft()
            parts.append(data)
        return b"".join(parts)

    def send_some(self, data: bytes) -> int:
        """Hand over bytes; perhaps not all of them, perhaps the last ones ever."""
        number = self.owner.enters(f"send {self.group}")
        if not number:
            return len(data)
        if self.closed or self.broken:
            raise BrokenPipeError
        if trio.current_time() < self._stalled_until:
            return 0
        count = self._network.carry(self, self._out, data)
        self.owner.left(number, f"send {self.group}")
        return count

    async def wait_writable(self) -> None:
        """Wait until there is room again."""
        await trio.sleep_until(max(self._stalled_until, trio.current_time()))

    def stall(self, seconds: float) -> None:
        """Take nothing for a while."""
        self._stalled_until = trio.current_time() + seconds

    def close(self) -> None:
        """Close this side; the peer reads to the end of what was sent."""
        if not self.closed and self.owner.alive:
            self._network.ended(self._out, b"", self.group)
        self.closed = True
        self._in.news.set()

    def reset(self) -> None:
        """Break the connection for both sides at once; what is on the way is lost."""
        for pipe in (self._in, self._out):
            pipe.queue.clear()
            pipe.put(trio.current_time(), None)

    def die(self, *, silently: bool, keep: int) -> None:
        """End with the process: the first `keep` pieces on the way still arrive."""
        while len(self._out.queue) > keep:
            self._out.queue.pop()
        self.closed = True
        if not silently:
            self._network.ended(self._out, None, self.group)
        self._in.news.set()

    @property
    def unread(self) -> int:
        """How many pieces are on the way to the peer."""
        return len(self._out.queue)

    # -- what a terminal asks of its stream

    async def send_all(self, data: bytes) -> None:
        """Hand over everything; raises Trio's own errors as a stream does."""
        await trio.lowlevel.checkpoint()
        try:
            while data:
                data = data[self.send_some(data) :]
                if data:
                    await self.wait_writable()
        except OSError:
            raise trio.BrokenResourceError from None

    async def receive_some(self, _size: int) -> bytes:
        """Wait for bytes as a stream does."""
        try:
            return await self.receive()
        except OSError:
            raise trio.BrokenResourceError from None


@dataclass(slots=True)
class Network:
    """All connections, and the weather between groups of them."""

    draw: Random
    faults: Faults
    trace: Trace
    delay_s: float = 0.005
    jitter_s: float = 0.01
    messages: int = 0
    partitioned_until: dict[str, float] = field(default_factory=dict)
    half_open: list[End] = field(default_factory=list)
    _listeners: dict[str, Accept] = field(default_factory=dict)
    _ends: dict[int, End] = field(default_factory=dict)
    _number: int = 0

    def listen(self, address: str, accept: Accept) -> None:
        """Hand every new connection to this address to `accept`."""
        self._listeners[address] = accept

    async def dial(self, owner: Process, address: str, group: str, peer: Process) -> End:
        """Connect; raises OSError. `peer` owns the other side."""
        if not owner.alive:
            await owner.gone()
        await trio.sleep(self._delay(group))
        if self.faults.strikes("connect hangs"):
            await trio.sleep(CONNECT_HANGS_S)
            raise TimeoutError
        accept = self._listeners.get(address)
        if accept is None or not peer.alive or self.faults.strikes("connect refused"):
            raise ConnectionRefusedError
        there, back = Pipe(), Pipe()
        near = End(self, owner, group, (back, there))
        far = End(self, peer, f"{group} back", (there, back))
        self._add(near)
        self._add(far)
        accept(far)
        return near

    def _add(self, end: End) -> None:
        self._number += 1
        self._ends[self._number] = end
        if self._number % 256 == 0:
            live = self._ends.items()
            self._ends = {number: one for number, one in live if not one.closed}

    def carry(self, end: End, pipe: Pipe, data: bytes) -> int:
        """Take bytes on their way; return how many."""
        now = trio.current_time()
        self.messages += 1
        if self.faults.strikes("reset"):
            kept = self.draw.randrange(len(data) + 1)
            if kept:
                pipe.put(now + self._delay(end.group), data[:kept])
            at = now + self._delay(end.group)
            pipe.put(at, None)
            end.broken = True
            return kept
        if self.faults.strikes("short write") and len(data) > 1:
            data = data[: self.draw.randrange(1, len(data))]
            end.stall(self.draw.random() * 0.5)
        for piece in self._pieces(data):
            pipe.put(now + self._delay(end.group), piece)
        return len(data)

    def _pieces(self, data: bytes) -> list[bytes]:
        if len(data) < PIECES_MAX or not self.faults.strikes("pieces"):
            return [data]
        cuts = sorted(self.draw.sample(range(1, len(data)), self.draw.randrange(1, PIECES_MAX)))
        starts = [0, *cuts]
        return [data[a:b] for a, b in zip(starts, [*cuts, len(data)], strict=True)]

    def _delay(self, group: str) -> float:
        delay = self.delay_s + self.draw.expovariate(1 / self.jitter_s)
        if self.faults.strikes("slow network"):
            delay += self.draw.random() * 8
        now = trio.current_time()
        return max(delay, self.partitioned_until.get(group, 0.0) - now + delay)

    def ended(self, pipe: Pipe, last: bytes | None, group: str) -> None:
        """Let the peer see the end of a connection after its way through the network."""
        pipe.put(trio.current_time() + self._delay(group), last)

    def died(self, owner: Process) -> None:
        """End all connections of a process that was killed."""
        silently = self.faults.strikes("silent death")
        for end in [one for one in self._ends.values() if one.owner is owner and not one.closed]:
            keep = end.unread if self.draw.random() < 0.5 else self.draw.randrange(end.unread + 1)
            end.die(silently=silently, keep=keep)
            if silently:
                self.half_open.append(end)

    def heal(self) -> None:
        """Lift every partition; connections that are half dead are reset."""
        self.partitioned_until.clear()
        for end in self.half_open:
            end.reset()
        self.half_open.clear()
