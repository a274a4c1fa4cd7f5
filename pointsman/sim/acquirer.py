"""The simulated acquirer on TCP: takes connections, writes its ledger, answers as its mood is.

A shell. What a message means and what is answered is host.py; this file reads frames, makes the row
durable before the first byte of the answer, waits, sends twice or hangs up. Keys are test keys.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, assert_never

import trio

from pointsman.codecs.codec import get_codec
from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.framing import Envelope, Framing, get_framing
from pointsman.effects import Effects
from pointsman.sim.book import Book
from pointsman.sim.host import Host, Reply
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.host_rows import HOST_ROWS, HostNetwork, HostReversal, HostRow, HostStarted
from pointsman.sim.ledger import Ledger
from pointsman.sim.moods import Behaviour, Moods

RECEIVE_SIZE: Final = 65_536
CONNECTIONS_MAX: Final = 1000
STANS_MAX: Final = 999_999
ANSWERS_WAITING_MAX: Final = 10_000  # of one connection; then nothing more is read from it


@dataclass(frozen=True, slots=True)
class AcquirerOptions:
    """How one simulated acquirer is set up; times in seconds."""

    name: str
    host: str
    port: int
    format: str
    framing: str
    keys: ZoneKeys
    ledger: Path
    moods: Moods = field(default_factory=Moods)
    seed: int = 0
    delay_s: float = 3.0
    late_max_s: float = 60.0


@dataclass(slots=True)
class AcquirerSim:
    """One running simulated acquirer."""

    options: AcquirerOptions
    report: Callable[[HostRow], None]
    effects: Effects = field(default_factory=Effects)
    host: Host = field(init=False)
    _framing: Framing = field(init=False)
    _ledger: Ledger[HostRow] = field(init=False)
    _random: random.Random = field(init=False)
    _links: int = 0
    _undone: dict[str, trio.Event] = field(default_factory=dict)
    _room: trio.CapacityLimiter = field(init=False)
    _open: set["_Link"] = field(default_factory=set)
    _nursery: trio.Nursery | None = None
    _told: int = 0

    def __post_init__(self) -> None:
        options = self.options
        self.host = Host(get_codec(options.format), options.keys, options.moods, Book())
        self._framing = get_framing(options.framing)
        self._ledger = Ledger(options.ledger, HOST_ROWS)
        self._random = random.Random(options.seed)
        self._room = trio.CapacityLimiter(CONNECTIONS_MAX)

    async def run(self, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        """Listen until cancelled; ``task_status`` gives the port."""
        with self._ledger as ledger:
            for row in ledger.rows():
                self.host.book.apply(row)
            await ledger.write(HostStarted(self._at(), self.options.name, self.options.format))
            listeners = await trio.open_tcp_listeners(self.options.port, host=self.options.host)
            port: int = listeners[0].socket.getsockname()[1]
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                nursery.start_soon(trio.serve_listeners, self._serve, listeners)
                task_status.started(port)

    def settled(self) -> dict[tuple[str, str], int]:
        """Return what counts by (MID, currency), in minor units."""
        return self.host.book.settled()

    def cut_over(self, day: str) -> None:
        """Begin settlement date `day` (MMDD) and tell it on every link that is signed on."""
        self._told = self._told % STANS_MAX + 1
        key = (f"{self.effects.now():%m%d%H%M%S}", f"{self._told:06d}")
        body = self.host.cut_over(day, key)
        frame = self._framing.close(Envelope(b"", b"", body), body)
        for link in sorted(self._open, key=lambda one: one.number):
            if link.signed_on and self._nursery is not None:
                self._nursery.start_soon(self._say, link, frame)

    async def _say(self, link: "_Link", frame: bytes) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await link.send(frame)

    async def _serve(self, stream: trio.SocketStream) -> None:
        self._links += 1
        link = _Link(self._links, stream)
        async with self._room, stream, trio.open_nursery() as nursery:
            # A switch that was killed goes away without closing; a drop is our own doing.
            self._open.add(link)
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self._read(link, nursery)
            self._open.discard(link)
            nursery.cancel_scope.cancel()

    async def _read(self, link: "_Link", nursery: trio.Nursery) -> None:
        reader = self._framing.reader()
        while data := await link.stream.receive_some(RECEIVE_SIZE):
            try:
                frames = reader.feed(data)
            except FrameError:
                return
            for frame in frames:
                await self._take(link, frame, nursery)

    async def _take(self, link: "_Link", frame: bytes, nursery: trio.Nursery) -> None:
        try:
            envelope = self._framing.open(frame)
            reply = self.host.receive(
                envelope.body,
                at=self._at(),
                link=link.number,
                signed_on=link.signed_on,
                draw=self._random.randrange,
            )
        except DecodeError as error:
            what = f"not read: {error.reason}"
            await self._ledger.write(HostNetwork(self._at(), "", link.number, what, "30"))
            return
        row = reply.row
        self._ledger.add(row)  # in the order of the book, also when the line breaks next
        if isinstance(row, HostNetwork):
            link.signed_on = {"sign-on": True, "sign-off": False}.get(row.what, link.signed_on)
        place = object()  # two replies may be equal
        await link.room.acquire_on_behalf_of(place)
        nursery.start_soon(self._tell, link, envelope, reply, place)

    async def _tell(self, link: "_Link", envelope: Envelope, reply: Reply, place: object) -> None:
        """Make the row durable, then give the answer as the behaviour says."""
        try:
            await self._ledger.flush()
            self.report(reply.row)
            if isinstance(reply.row, HostReversal):
                waiting = self._undone.pop(reply.row.original, None)
                if waiting is not None:
                    waiting.set()
            await self._behave(link, self._framing.reply(envelope, reply.answer), reply)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # nobody is there to hear it; the ledger has it
        finally:
            link.room.release_on_behalf_of(place)

    async def _behave(self, link: "_Link", wire: bytes, reply: Reply) -> None:
        match reply.behaviour:
            case (
                Behaviour.ANSWER
                | Behaviour.DECLINE
                | Behaviour.BAD_MAC
                | Behaviour.OTHER_AMOUNT
                | Behaviour.CONFIRM
                | Behaviour.UNCONFIRMED
                | Behaviour.REVERSAL_SILENT
                | Behaviour.REVERSAL_LOST
            ):
                await link.send(wire)
            case Behaviour.SILENT | Behaviour.LOST:
                pass
            case Behaviour.TWICE:
                await link.send(wire + wire)
            case Behaviour.DROP:
                await trio.aclose_forcefully(link.stream)
            case Behaviour.DELAY:
                await trio.sleep(self.options.delay_s)
                await link.send(wire)
            case Behaviour.LATE:
                await self._until_reversed(reply)
                await link.send(wire)
            case _:
                assert_never(reply.behaviour)

    async def _until_reversed(self, reply: Reply) -> None:
        key = getattr(reply.row, "key", "")
        event = self._undone.setdefault(key, trio.Event())
        with trio.move_on_after(self.options.late_max_s):
            await event.wait()
        self._undone.pop(key, None)

    def _at(self) -> str:
        return self.effects.now().isoformat(timespec="milliseconds")


class _Link:
    """One connection: its number, whether it signed on, and one sender at a time."""

    __slots__ = ("_sending", "number", "room", "signed_on", "stream")

    def __init__(self, number: int, stream: trio.SocketStream) -> None:
        self.number = number
        self.stream = stream
        self.signed_on = False
        self.room = trio.CapacityLimiter(ANSWERS_WAITING_MAX)
        self._sending = trio.Lock()

    async def send(self, wire: bytes) -> None:
        async with self._sending:
            await self.stream.send_all(wire)
