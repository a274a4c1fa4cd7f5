"""A simulated acquirer on the simulated network: the host of the simulators, and every mood of one.

A shell. What a message means and what is done about it is sim/host.py with its book, which mood it
is in hostmoods.py; here are the line and what moods do to it: silent, late, twice, out of order,
hanging up, a reversal refused, a request left open. Its ledger survives everything.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import trio

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.framing import Framing, get_framing
from pointsman.sim import host_messages as wire
from pointsman.sim.book import Book
from pointsman.sim.host import Host, Reply
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.host_rows import (
    Effect,
    HostNetwork,
    HostRequest,
    HostReversal,
    HostRow,
    Outcome,
    Work,
)
from pointsman.sim.moods import Behaviour
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.hostmoods import SimMoods, told_of
from pointsman.sim.world.network import End
from pointsman.sim.world.process import Process

REFUSED_CODE = "06"
LEFT_OPEN_CODES = ("68", "96", "98")  # whether it was done is not known
LATE_MAX_S = 90.0
OnRow = Callable[[str, HostRow, Message], None]


@dataclass(slots=True)
class _Session:
    """One connection of the switch."""

    number: int
    end: End
    signed_on: bool = False


@dataclass(slots=True)
class SimAcquirer:
    """One acquirer; `on_row` hears of every row as it is written."""

    name: str
    draw: Random
    faults: Faults
    process: Process
    now_text: Callable[[], str]
    on_row: OnRow
    format: str
    framing_name: str
    keys: ZoneKeys
    answer_s: float = 0.05
    delay_s: float = 35.0
    rows: list[HostRow] = field(default_factory=list)
    host: Host = field(init=False)
    _framing: Framing = field(init=False)
    _sessions: int = 0
    _undone: dict[str, trio.Event] = field(default_factory=dict)
    _nursery: trio.Nursery | None = None

    def __post_init__(self) -> None:
        self.host = Host(get_codec(self.format), self.keys, SimMoods(self.faults), Book())
        self._framing = get_framing(self.framing_name)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve connections until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            task_status.started()
            await trio.sleep_forever()

    def accept(self, end: End) -> None:
        """Take a connection."""
        assert self._nursery is not None, "it runs first"
        self._sessions += 1
        self._nursery.start_soon(self._serve, _Session(self._sessions, end))

    async def _serve(self, session: _Session) -> None:
        reader = self._framing.reader()
        try:
            while data := await session.end.receive():
                for frame in reader.feed(data):
                    self._take(session, frame)
        except (OSError, FrameError):
            pass
        session.end.close()

    def _take(self, session: _Session, frame: bytes) -> None:
        assert self._nursery is not None, "it runs first"
        try:
            body = self._framing.open(frame).body
            message = self.host.codec.decode(body)
        except DecodeError:
            return
        object.__setattr__(self.host.moods, "of_advice", told_of(message))
        reply = self._refusal(message) if message.mti.startswith("04") else None
        open_code = self._open_code(message)
        if open_code and self.draw.random() < 0.5:
            reply = self._not_done(message, open_code)
        if reply is None:
            reply = self.host.receive(
                body,
                at=self.now_text(),
                link=session.number,
                signed_on=session.signed_on,
                draw=self.draw.randrange,
            )
            reply = self._left_open(message, reply, open_code) if open_code else reply
        row = reply.row
        self.rows.append(row)
        self.on_row(self.name, row, message)
        if isinstance(row, HostNetwork):
            session.signed_on = {"sign-on": True, "sign-off": False}.get(
                row.what, session.signed_on
            )
        if isinstance(row, HostReversal) and row.original in self._undone:
            self._undone.pop(row.original).set()
        envelope = self._framing.open(frame)
        self._nursery.start_soon(
            self._tell, session, self._framing.reply(envelope, reply.answer), reply
        )

    def _refusal(self, message: Message) -> Reply | None:
        """Refuse a reversal out of hand, as a mood has it: nothing is undone."""
        if not self.faults.strikes("host reversal-refused"):
            return None
        row = HostReversal(
            at=self.now_text(),
            key=wire.key_of(message),
            mti=message.mti,
            original=wire.original_key(message),
            amount_minor=wire.amount_of(message),
            mid=message.get(42) or "",
            tid=message.get(41) or "",
            rrn=message.get(37) or "",
            reason=message.get(39) or "",
            effect=Effect.LOST,
            code=REFUSED_CODE,
            behaviour="reversal-refused",
        )
        return Reply(row, self._closed(message, REFUSED_CODE))

    def _open_code(self, message: Message) -> str:
        """Return the code by which a request is left open, as a mood has it; mostly none."""
        about_order = wire.work_of(message) in {Work.ORDER, Work.QUERY}
        if message.mti[:2] not in {"01", "02"} or about_order:
            return ""
        strikes = self.faults.strikes("host unclear")
        return self.draw.choice(LEFT_OPEN_CODES) if strikes else ""

    def _not_done(self, message: Message, code: str) -> Reply:
        row = HostRequest(
            at=self.now_text(),
            key=wire.key_of(message),
            mti=message.mti,
            work=wire.work_of(message),
            processing_code=message.get(3) or "",
            amount_minor=wire.amount_of(message),
            currency=message.get(49) or "",
            mid=message.get(42) or "",
            tid=message.get(41) or "",
            rrn=message.get(37) or "",
            card="",
            pin="none",
            outcome=Outcome.LOST,
            code=code,
            auth="",
            behaviour="unclear",
        )
        return Reply(row, self._closed(message, code))

    def _left_open(self, message: Message, done: Reply, code: str) -> Reply:
        """Answer what was approved as if that were not known; the book has it."""
        row = done.row
        approved = isinstance(row, HostRequest) and row.outcome is Outcome.APPROVED
        if not approved or done.behaviour is not Behaviour.ANSWER:
            return done
        return Reply(row, self._closed(message, code))

    def _closed(self, message: Message, code: str) -> bytes:
        mti = wire.answer_mti(message.mti)
        return wire.close(self.host.codec, mti, wire.answer_fields(message, code), self.keys.zak)

    async def _tell(self, session: _Session, answer: bytes, reply: Reply) -> None:
        """Answer as the behaviour has it; answers overtake each other by chance."""
        await trio.sleep(self.draw.expovariate(1 / self.answer_s))
        # Where nobody is there to hear it, the ledger has it.
        with suppress(trio.BrokenResourceError, OSError):
            await self._behave(session, answer, reply)

    async def _behave(self, session: _Session, answer: bytes, reply: Reply) -> None:
        send = session.end.send_all
        match reply.behaviour:
            case Behaviour.SILENT | Behaviour.LOST:
                return
            case Behaviour.TWICE:
                await send(answer)
                await trio.sleep(self.draw.random() * 3)
                await send(answer)
            case Behaviour.DROP:
                session.end.reset()
            case Behaviour.DELAY:
                await trio.sleep(self.delay_s * (0.5 + self.draw.random()))
                await send(answer)
            case Behaviour.LATE:
                await self._until_reversed(reply.row)
                await send(answer)
            case _:
                await send(answer)

    async def _until_reversed(self, row: HostRow) -> None:
        if not isinstance(row, HostRequest):
            return
        event = self._undone.setdefault(row.key, trio.Event())
        with trio.move_on_after(LATE_MAX_S):
            await event.wait()
        self._undone.pop(row.key, None)
