"""A proxy on one leg of the house (terminals, or one acquirer) that spoils what passes, by seed.

One fault at a time, given by ``spoil`` and taken back by ``heal``; it counts what it really did: a
fault that met no traffic did not happen. What they are is line_faults.py, what is injected when
network_faults.py.
"""

import random
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, assert_never

import trio

from pointsman.codecs.errors import FrameError
from pointsman.codecs.framing import FrameReader, Framing, get_framing
from pointsman.codecs.lengths import write_length
from tests.faults.line_faults import (
    BlackHole,
    CutAfterRequest,
    Delay,
    Doubled,
    Fault,
    Refuse,
    Reset,
    SingleBytes,
    Stall,
    SwapAnswers,
    Together,
    Way,
)

RECEIVE_SIZE: Final = 65_536
CONNECTIONS_MAX: Final = 1000
BYTE_PAUSE_S: Final = 0.001
TOGETHER_S: Final = 0.25
DIAL_S: Final = 5.0
STALL_LOOK_S: Final = 0.02
RESET_NOW: Final = struct.pack("ii", 1, 0)  # SO_LINGER with 0 s: closing sends a reset


class CutError(Exception):
    """This connection ends now, on both sides."""


@dataclass(slots=True)
class Proxy:
    """One listening port and the port behind it; ``target`` may change between connections."""

    framing: str
    seed: int
    target: int = 0
    fault: Fault | None = None
    hits: int = 0
    port: int = 0
    _scopes: set[trio.CancelScope] = field(default_factory=set)
    _random: random.Random = field(init=False)
    _listener: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]

    def spoil(self, fault: Fault) -> None:
        """Begin a fault; what it meets is counted anew."""
        self.fault, self.hits = fault, 0
        if isinstance(fault, Refuse):
            self.hits = self.cut_all()

    def heal(self) -> int:
        """End the fault and, where it left holes, the connections; return what it met."""
        holes = isinstance(self.fault, BlackHole)
        self.fault = None
        if holes:
            self.cut_all()
        return self.hits

    def cut_all(self) -> int:
        """Cut every connection that stands; return how many."""
        for scope in self._scopes:
            scope.cancel()
        return len(self._scopes)

    async def run(self) -> None:
        """Serve until cancelled."""
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(self._listener))
        async with listener, trio.open_nursery() as nursery:
            while True:
                stream = await listener.accept()
                if len(self._scopes) < CONNECTIONS_MAX and not isinstance(self.fault, Refuse):
                    nursery.start_soon(self._serve, stream)
                else:
                    self.hits += 1
                    await trio.aclose_forcefully(stream)

    async def _serve(self, near: trio.SocketStream) -> None:
        scope = trio.CancelScope()
        self._scopes.add(scope)
        gone = (OSError, trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError)
        try:
            with scope:
                async with near:
                    with trio.fail_after(DIAL_S):
                        far = await trio.open_tcp_stream("127.0.0.1", self.target)
                    async with far:
                        await self._pass(near, far)
        except* (CutError, *gone):
            pass
        finally:
            self._scopes.discard(scope)

    async def _pass(self, near: trio.SocketStream, far: trio.SocketStream) -> None:
        twin = await self._twin()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._pump, near, far, Way.ASKING, twin, nursery)
                nursery.start_soon(self._pump, far, near, Way.ANSWERING, None, nursery)
                if twin:
                    nursery.start_soon(_discard, twin)
        finally:
            if twin:
                await trio.aclose_forcefully(twin)

    async def _twin(self) -> trio.SocketStream | None:
        if not isinstance(self.fault, Doubled):
            return None
        with suppress(OSError):
            return await trio.open_tcp_stream("127.0.0.1", self.target)
        return None

    async def _pump(
        self,
        source: trio.SocketStream,
        sink: trio.SocketStream,
        way: Way,
        twin: trio.SocketStream | None,
        nursery: trio.Nursery,
    ) -> None:
        held = _Held(get_framing(self.framing), sink.send_all, self._hit)
        while data := await source.receive_some(RECEIVE_SIZE):
            if twin:
                self.hits += 1
                with suppress(trio.BrokenResourceError):
                    await twin.send_all(data)
            await self._spoiled(data, sink, way, held)
        nursery.cancel_scope.cancel()

    async def _spoiled(self, data: bytes, sink: trio.SocketStream, way: Way, held: "_Held") -> None:
        """Pass one piece on, or do to it what the fault says."""
        if way is Way.ANSWERING and (held.engaged or isinstance(self.fault, SwapAnswers)):
            await held.swap(data, ending=not isinstance(self.fault, SwapAnswers))
            return
        match fault := self.fault:
            case None | Doubled() | SwapAnswers() | Refuse():
                await sink.send_all(data)
            case Stall(way=stalled):
                self.hits += way is stalled
                while way is stalled and self.fault is fault:  # noqa: ASYNC110  (heal tells nobody)
                    await trio.sleep(STALL_LOOK_S)
                await sink.send_all(data)
            case Delay(mean_s, jitter_s):
                self.hits += 1
                await trio.sleep(max(0.0, mean_s + self._random.uniform(-jitter_s, jitter_s)))
                await sink.send_all(data)
            case SingleBytes():
                self.hits += len(data) > 1
                for byte in data:
                    await sink.send_all(bytes((byte,)))
                    await trio.sleep(BYTE_PAUSE_S)
            case Together():
                self.hits += 1
                await trio.sleep(TOGETHER_S)  # the kernel collects what comes meanwhile
                await sink.send_all(data)
            case BlackHole(hole):
                if way is hole:
                    self.hits += 1
                else:
                    await sink.send_all(data)
            case Reset() | CutAfterRequest():
                await self._cut(fault, data, sink, way)
            case _:
                assert_never(fault)

    def _hit(self) -> None:
        self.hits += 1

    async def _cut(
        self, fault: Reset | CutAfterRequest, data: bytes, sink: trio.SocketStream, way: Way
    ) -> None:
        falls = self._random.random() < fault.chance
        if isinstance(fault, CutAfterRequest):
            await sink.send_all(data)
            falls = falls and way is Way.ASKING
        elif falls:
            sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_NOW)
        else:
            await sink.send_all(data)
        if falls:
            self.hits += 1
            raise CutError


@dataclass(slots=True)
class _Held:
    """Whole frames of one direction; every other one waits until its follower has gone."""

    framing: Framing
    send: Callable[[bytes], Awaitable[None]]
    hit: Callable[[], None]
    reader: FrameReader = field(init=False)
    waiting: list[bytes] = field(default_factory=list)
    engaged: bool = False  # from then on the reader has what is not whole yet

    def __post_init__(self) -> None:
        self.reader = self.framing.reader()

    async def swap(self, data: bytes, *, ending: bool) -> None:
        """Take a piece, send frames in pairs turned round."""
        self.engaged = True
        try:
            frames = self.reader.feed(data)
        except FrameError:  # the fault began within a frame
            raise CutError from None
        kind, inclusive = self.framing.length, self.framing.inclusive
        for frame in frames:
            self.waiting.append(write_length(kind, inclusive, len(frame)) + frame)
            if len(self.waiting) == 2:
                self.hit()
                await self.send(self.waiting.pop())
                await self.send(self.waiting.pop())
        if ending and self.waiting:
            await self.send(self.waiting.pop())


async def _discard(stream: trio.SocketStream) -> None:
    """Read and drop everything; its end is not the other's end."""
    with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        while await stream.receive_some(RECEIVE_SIZE):
            pass
