"""One connection of a simulated terminal: frames out, answers back to whoever asked.

A shell. Several requests may be outstanding; an answer is matched by its type and STAN (60.3 where
there is no STAN). A line that breaks releases all who wait, with nothing. What an answer means is
judged in pos_messages.py.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import trio

from pointsman.codecs.codec import Codec, Message
from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.framing import Envelope, Framing
from pointsman.sim import wallet_messages
from pointsman.sim.pos_messages import HEADER, TPDU

RECEIVE_SIZE: Final = 65_536
CONNECT_S: Final = 3.0
SIGN_IN_WANTED: Final = 3  # processing requirement, sixth digit of the header

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, and what the header asks for by the way (0: nothing)."""

    message: Message
    requirement: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where the switch listens and how it is spoken to there."""

    host: str
    port: int
    codec: Codec = field(repr=False)
    framing: Framing = field(repr=False)


class NoLineError(Exception):
    """The switch could not be reached; nothing was sent."""


class Line:
    """One open connection."""

    __slots__ = ("_address", "_sending", "_stream", "_waiting", "closed", "unexpected")

    def __init__(self, address: Address, stream: trio.SocketStream) -> None:
        self._address = address
        self._stream = stream
        self._sending = trio.Lock()
        self._waiting: dict[Key, list[trio.MemorySendChannel[Answered]]] = {}
        self.closed = trio.Event()
        self.unexpected = 0

    async def ask(self, mti: str, name: str, body: bytes, timeout_s: float) -> Answered | None:
        """Send one message and wait for its answer; None on silence or a broken line.

        ``name`` is the STAN, or 60.3 for a message without one.
        """
        if self.closed.is_set():
            return None
        send, receive = trio.open_memory_channel[Answered](1)
        key = (wallet_messages.answer_mti(mti), name)
        waiters = self._waiting.setdefault(key, [])
        waiters.append(send)
        try:
            with trio.move_on_after(timeout_s):
                await self.send(body)
                return await receive.receive()
        except (trio.EndOfChannel, trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the line broke: whether the switch has the request is not known
        finally:
            if send in waiters:
                waiters.remove(send)
        return None

    async def send(self, body: bytes) -> None:
        """Send one message in this line's framing."""
        wire = self._address.framing.close(Envelope(TPDU, HEADER, body), body)
        async with self._sending:
            await self._stream.send_all(wire)

    async def read(self) -> None:
        """Hand out answers until the line closes."""
        reader = self._address.framing.reader()
        try:
            while data := await self._stream.receive_some(RECEIVE_SIZE):
                for frame in reader.feed(data):
                    self._take(frame)
        except (trio.BrokenResourceError, trio.ClosedResourceError, FrameError):
            pass  # as if it had closed
        finally:
            self.closed.set()
            for waiters in self._waiting.values():
                for waiter in waiters:
                    waiter.close()

    def _take(self, frame: bytes) -> None:
        try:
            envelope = self._address.framing.open(frame)
            codec = wallet_messages.codec_of(self._address.codec, envelope.body)
            message = codec.decode(envelope.body)
        except DecodeError:
            self.unexpected += 1
            return
        name = message.get(11) or (message.get(60) or "")[8:11]
        waiters = self._waiting.get((message.mti, name))
        if not waiters:
            self.unexpected += 1
            return
        requirement = envelope.header[2] & 0x0F if envelope.header else 0
        waiters.pop(0).send_nowait(Answered(message, requirement))


@asynccontextmanager
async def open_line(address: Address) -> AsyncIterator[Line]:
    """Connect and read in the background; raises NoLineError."""
    try:
        with trio.fail_after(CONNECT_S):
            stream = await trio.open_tcp_stream(address.host, address.port)
    except (OSError, trio.TooSlowError):
        raise NoLineError from None
    async with stream, trio.open_nursery() as nursery:
        line = Line(address, stream)
        nursery.start_soon(line.read)
        yield line
        nursery.cancel_scope.cancel()
