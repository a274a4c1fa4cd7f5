"""A scripted switch for tests of simulated terminals: answers as told, remembers what it was asked.

It knows one terminal with the golden working keys. Used over loopback sockets by several test
files; it is no model of the real switch.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.framing import Envelope, get_framing
from pointsman.sim.fleet import Fleet
from pointsman.sim.flow_names import Flow
from pointsman.sim.host_messages import answer_mti
from pointsman.sim.ledger import read_rows
from pointsman.sim.pos_messages import Sealing
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from pointsman.sim.terminal_link import Address
from pointsman.sim.terminal_options import Connect, Control, Identity, TerminalOptions
from pointsman.sim.terminal_rows import TERMINAL_ROWS, TerminalRow
from tests.codecs.golden import golden

CODEC = get_codec("cup-bcd")
FRAMING = get_framing("tpdu-header")
KEYS = WorkingKeys(
    bytes.fromhex("526B76025B1A076DCEC16D51E932B507"), bytes.fromhex("40026EB9BF15941A")
)
SEALING = Sealing(CODEC, KEYS, MacMethod.CUP_ECB)
FIELD_62 = golden("cup-signin-resp-004").fields[62][:80]
IDENTITY = Identity("898100053310001", "12345678")
ECHOED = (3, 4, 11, 25, 41, 42, 49, 60)
SILENT, DROP = "silent", "drop"

Change = Callable[[Message, dict[int, str]], dict[int, str]]


@dataclass
class Switch:
    """What it does: `script` gives codes for money requests in turn (or SILENT, DROP); then 00."""

    script: deque[str] = field(default_factory=deque)
    undo_script: deque[str] = field(default_factory=deque)
    change: Change = lambda _message, fields: fields
    sealing: Sealing = SEALING
    sign_in_codes: deque[str] = field(default_factory=deque)
    results: str = "11"
    batch: int = 12
    requirement: int = 0
    asked: list[Message] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    stored: dict[str, dict[int, str]] = field(default_factory=dict)

    async def serve(self, stream: trio.SocketStream) -> None:
        self.connections += 1
        reader = FRAMING.reader()
        async with stream:
            while data := await stream.receive_some(4096):
                try:
                    frames = reader.feed(data)
                except FrameError:
                    return
                for frame in frames:
                    try:
                        envelope = FRAMING.open(frame)
                        message = CODEC.decode(envelope.body)
                    except DecodeError:
                        continue
                    body = self.answer(message)
                    if body == DROP.encode():
                        return
                    if body is not None:
                        await stream.send_all(self.reply(envelope, body))

    def reply(self, envelope: Envelope, body: bytes) -> bytes:
        return FRAMING.reply(envelope, body, self.requirement)

    def answer(self, message: Message) -> bytes | None:
        self.asked.append(message)
        code = (message.get(60) or "")[8:11]
        mti = answer_mti(message.mti)
        fields = {n: v for n in ECHOED if (v := message.get(n)) is not None}
        fields |= {12: "101735", 13: "0315"}
        if message.mti == "0800":
            return self.sign_in(mti, fields)
        if message.mti == "0500":
            text = message[48]
            told = text[:30] + self.results[0] + text[31:61] + self.results[1]
            return CODEC.encode(mti, fields | {48: told})
        if message.mti == "0320":
            if code in {"202", "207"} and (message.get(60) or "")[2:8] == f"{self.batch:06d}":
                self.batch += 1
            return CODEC.encode(mti, fields | {39: "00"})
        if message.mti == "0820":
            return CODEC.encode(mti, fields | {39: "00"})
        return self.money(message, mti, fields)

    def sign_in(self, mti: str, fields: dict[int, str]) -> bytes:
        code = self.sign_in_codes.popleft() if self.sign_in_codes else "00"
        fields |= {39: code, 60: f"00{self.batch:06d}003"}
        if code == "00":
            fields[62] = FIELD_62
        return CODEC.encode(mti, fields)

    def money(self, message: Message, mti: str, fields: dict[int, str]) -> bytes | None:
        script = self.undo_script if message.mti == "0400" else self.script
        known = self.stored.get(message[11]) if message.mti != "0400" else None
        if known is not None and not script:
            return self.sealing.seal(mti, known)
        code = script.popleft() if script else "00"
        if code == SILENT:
            return None
        if code == DROP:
            return DROP.encode()
        fields |= {39: code, 37: f"1017{int(message[11]):08d}"}
        if code == "A0":
            return CODEC.encode(mti, {n: v for n, v in fields.items() if n not in {4, 25, 49, 60}})
        if code == "00" and message.mti != "0400":
            fields[38] = f"A{int(message[11]):05d}"
        fields = self.change(message, fields)
        if message.mti != "0400" and code != "98":
            self.stored[message[11]] = fields
        return self.sealing.seal(mti, fields)

    def of(self, mti: str) -> list[Message]:
        """Return what was asked with this type."""
        return [message for message in self.asked if message.mti == mti]


@asynccontextmanager
async def switch(script: Switch | None = None) -> AsyncIterator[Switch]:
    """Run a scripted switch on a free port."""
    made = script or Switch()
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, made.serve, 0)
        made.port = listeners[0].socket.getsockname()[1]
        yield made
        nursery.cancel_scope.cancel()


def address(made: Switch) -> Address:
    return Address("127.0.0.1", made.port, CODEC, FRAMING)


def fleet(
    made: Switch,
    ledger: Path,
    *flows: Flow,
    count: int | None = 1,
    timeout_s: float = 0.15,
    connect: Connect = Connect.STAY,
    settle_at_end: bool = False,
    lanes: int = 1,
    drain_s: float = 10.0,
    identity: Identity = IDENTITY,
) -> Fleet:
    """Return one terminal that does the flows in even mixture."""
    options = TerminalOptions(
        host="127.0.0.1",
        port=made.port,
        timeout_s=timeout_s,
        lanes=lanes,
        connect=connect,
        count=count,
        settle_at_end=settle_at_end,
        drain_s=drain_s,
    )
    control = Control(weights=dict.fromkeys(flows or (Flow.SALE_SWIPE,), 1))
    return Fleet([identity], options, control, ledger, 7, lambda _done: None)


def rows(ledger: Path) -> list[TerminalRow]:
    return list(read_rows(ledger, TERMINAL_ROWS))


def kinds(ledger: Path) -> list[str]:
    """Return the kinds of rows but sign-ins and starts, in order."""
    names = [type(row).__name__ for row in rows(ledger)]
    return [name for name in names if name not in {"SignedIn", "Started"}]
