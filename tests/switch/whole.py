"""A switch that is spoken to over TCP on both sides: terminals here, a simulated acquirer there.

The real switchboard, either HSM and a simulator; the store is in memory, and the clock jumps when
nothing is to be done. For tests of whole flows; nothing here is a test.
"""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import trio
from prometheus_client import CollectorRegistry

from pointsman.codecs.codec import Codec, Message, get_codec
from pointsman.codecs.framing import Envelope, get_framing
from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.sim.acquirer import AcquirerOptions, AcquirerSim
from pointsman.sim.host import Host, Reply
from pointsman.sim.host_messages import ZoneKeys, close
from pointsman.sim.host_rows import HostNetwork, HostRequest, HostReversal
from pointsman.sim.pos_messages import HEADER, TPDU, Sealing
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from pointsman.store import memory_days, memory_session
from pointsman.store.journal import PostgresJournal
from pointsman.store.memory import MemoryDatabase, TerminalRow
from pointsman.store.memory_records import MemoryRecords
from pointsman.store.memory_server import MemoryServer
from pointsman.store.parties import Acquirer, KeySet, KeySetState, Merchant, Route
from pointsman.store.records import RequestKey, Transaction
from pointsman.switch.listeners import listen
from pointsman.switch.switchboard import SITE_POLL_S, Switchboard
from pointsman.switch.terminals import Terminals
from tests.hsm.laboratory import MAK, PIK, TMK, ZAK, ZPK, Laboratory
from tests.switch.host_peer import ALPHA
from tests.switch.hsms import SwitchHsm, switch_hsm
from tests.switch.lives import MERCHANT

MID, TID, BATCH = "898100053310001", "12345678", "000012"
NII_TID = "12121138"
NOW = datetime(2026, 3, 15, 2, 17, 35, tzinfo=UTC)
ANSWER_S = 60.0
LINK_S = 2.0
POS = get_codec("cup-bcd")
WALLET = get_codec("cup-wallet-1xxx")
NII = get_codec("nii-bcd")
SEALED = "10", "01", "02", "04", "06"  # classes of messages that carry a MAC


@dataclass
class Pos:
    """One terminal's connection; what it sends gets a MAC where its type has one."""

    stream: trio.SocketStream
    framing: str = "tpdu-header"
    keys: WorkingKeys = field(default_factory=lambda: WorkingKeys(PIK, MAK))
    method: MacMethod = MacMethod.CUP_ECB

    async def ask(
        self, mti: str, fields: Mapping[int, str], *, codec: Codec = POS, mac: bool | None = None
    ) -> Message:
        """Send one message and return its answer, whose MAC is right where it has one."""
        await self.send(mti, fields, codec=codec, mac=mac)
        return await self.hear(codec)

    async def send(
        self, mti: str, fields: Mapping[int, str], *, codec: Codec = POS, mac: bool | None = None
    ) -> None:
        """Send one message."""
        sealing = Sealing(codec, self.keys, self.method)
        plain = {number: value for number, value in fields.items() if number != 64}
        sealed = mti.startswith(SEALED) if mac is None else mac
        body = sealing.seal(mti, plain) if sealed else codec.encode(mti, plain)
        framing = get_framing(self.framing)
        await self.stream.send_all(framing.close(Envelope(TPDU, HEADER, body), body))

    async def hear(self, codec: Codec = POS) -> Message:
        """Return the next answer."""
        reader = get_framing(self.framing).reader()
        with trio.fail_after(ANSWER_S):
            async for data in self.stream:
                for frame in reader.feed(bytes(data)):
                    answer = codec.decode(get_framing(self.framing).open(frame).body)
                    if 64 in answer:
                        assert self.keys.verifies(self.method, answer)
                    return answer
        raise AssertionError("the switch closed the connection")


@dataclass(slots=True)
class Listening(Host):
    """The simulated host, which keeps what it heard and may say more than it does by itself."""

    messages: list[Message] = field(default_factory=list)
    chip: str = ""  # field 55 of answers to payments
    issuer: str = ""  # and field 44
    code: str = ""  # and field 39, whatever was done

    def receive(self, body: bytes, **about: Any) -> Reply:  # noqa: ANN401  (as Host takes it)
        """Decide one message as the host does."""
        message = self.codec.decode(body)
        self.messages.append(message)
        reply: Reply = Host.receive(self, body, **about)
        more = {55: self.chip, 44: self.issuer, 39: self.code}
        more = {number: value for number, value in more.items() if value}
        if not more or message.mti[1] not in "12" or not reply.answer:
            return reply
        answer = self.codec.decode(reply.answer)
        kept = {number: answer[number] for number in answer.fields if number not in (64, 128)}
        said = close(self.codec, answer.mti, kept | more, self.keys.zak)
        return replace(reply, answer=said)


@dataclass
class Calendar:
    """How far the wall clock of a house is ahead of where it began; a test turns pages."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return _now() + self.ahead


@dataclass
class Whole:
    """The house: its tables, its acquirer's rows, and the way in."""

    board: Switchboard
    db: MemoryDatabase
    acquirer: AcquirerSim
    rows: list[object]
    registry: CollectorRegistry
    ports: Mapping[str, int]  # by framing
    hsm: SwitchHsm
    calendar: Calendar

    @property
    def laboratory(self) -> Laboratory:
        """The software HSM's engine; where there is hardware it holds no PIN or zone key."""
        return self.hsm.laboratory

    @asynccontextmanager
    async def terminal(self, framing: str = "tpdu-header") -> AsyncIterator[Pos]:
        """Connect a terminal."""
        stream = await trio.open_tcp_stream("127.0.0.1", self.ports[framing])
        async with stream:
            yield Pos(stream, framing, self.hsm.working_keys, self.hsm.method)

    async def site_changed(self) -> None:
        """Let the switch see what was changed of the site."""
        self.db.version += 1
        await trio.sleep(2 * SITE_POLL_S)

    async def quiet(self) -> None:
        """Let pass what may still come of the last message."""
        await trio.sleep(1)

    def heard(self) -> list[HostRequest | HostReversal]:
        """Return what the acquirer was asked, without network messages."""
        return [row for row in self.rows if isinstance(row, HostRequest | HostReversal)]

    def messages(self) -> list[Message]:
        """Return what the acquirer was sent, without network messages."""
        assert isinstance(self.acquirer.host, Listening)
        return [message for message in self.acquirer.host.messages if message.mti[1] != "8"]

    def said(self) -> list[HostNetwork]:
        """Return the network messages that it was told."""
        return [row for row in self.rows if isinstance(row, HostNetwork)]

    def row(self, stan: str, *, tid: str = TID, batch: str = BATCH) -> Transaction:
        """Return a transaction as the journal has it."""
        found = self.db.read_by_key(RequestKey(MID, tid, batch, stan))
        assert found is not None
        return found

    def counted(self, name: str, **labels: str) -> float:
        """Return a counter."""
        return self.registry.get_sample_value(f"pointsman_{name}", labels) or 0.0


def filled(
    hsm: SwitchHsm, merchant: Merchant, acquirer: Acquirer, tids: tuple[str, ...]
) -> MemoryDatabase:
    """The tables with one merchant, its terminals signed in, one acquirer."""
    key, method = hsm.key, hsm.mac_method
    db = MemoryDatabase(lambda: _now().timestamp())
    db.version = 1
    db.merchants = {merchant.mid: merchant}
    db.acquirers = {"alpha": replace(acquirer, zpk=key("ZPK", ZPK), zak=key("ZAK", ZAK))}
    db.routes = {merchant.mid: (Route(merchant.mid, "alpha", 1),)}
    keys = KeySet(1, key("TPK", PIK), hsm.tak(), KeySetState.CURRENT)
    for tid in tids:
        tmk = key("TMK", TMK)
        row = TerminalRow(MID, tid, True, "cup-bcd", "tpdu-header", method, tmk, BATCH)
        db.add_terminal(replace(row, signed_in=True, key_sets={1: (keys, NOW.timestamp())}))
    row = TerminalRow(MID, NII_TID, True, "nii-bcd", "tpdu", "x9.19", b"", BATCH)
    db.add_terminal(row)
    memory_days.open_first(db, date(2026, 3, 15))
    return db


def _now() -> datetime:
    return NOW + timedelta(seconds=trio.current_time())


@asynccontextmanager
async def whole(
    path: Path,
    *,
    merchant: Merchant = MERCHANT,
    acquirer: Acquirer = ALPHA,
    tids: tuple[str, ...] = (TID,),
    config: Config | None = None,
) -> AsyncIterator[Whole]:
    """Give a house that serves; its acquirer writes its ledger below `path`."""
    async with (
        switch_hsm(Laboratory()) as hsm,
        _whole(path, hsm, merchant, acquirer, tids, config or Config()) as made,
    ):
        yield made


@asynccontextmanager
async def _whole(  # noqa: PLR0917  (what `whole` gathers)
    path: Path,
    hsm: SwitchHsm,
    merchant: Merchant,
    acquirer: Acquirer,
    tids: tuple[str, ...],
    config: Config,
) -> AsyncIterator[Whole]:
    rows: list[object] = []
    options = AcquirerOptions(
        name="alpha",
        host="127.0.0.1",
        port=0,
        format=acquirer.format,
        framing=acquirer.framing,
        keys=ZoneKeys(ZPK, ZAK),
        ledger=path / "alpha.jsonl",
    )
    sim = AcquirerSim(options, rows.append)
    made = sim.host
    sim.host = Listening(made.codec, made.keys, made.moods, made.book)
    calendar = Calendar()
    effects = Effects(now=calendar.now)
    registry = CollectorRegistry()
    metrics = Metrics(registry, ["alpha"])
    async with trio.open_nursery() as nursery:
        port = await nursery.start(sim.run)
        local = replace(acquirer, host="127.0.0.1", port=port)
        db = filled(hsm, merchant, local, tids)
        server = MemoryServer(db)

        async def connect(_url: str) -> Any:  # noqa: ANN401  (stands for a connection)
            return await memory_session.connect(server)

        await nursery.start(server.run)
        records = MemoryRecords(db)
        incarnation, _ = await records.begin("machine", 0)
        journal = PostgresJournal(
            "", incarnation, effects=effects, metrics=metrics, connect=connect
        )
        board = Switchboard(
            0,
            incarnation,
            config=config,
            effects=effects,
            metrics=metrics,
            records=records,
            journal=journal,
            hsm=hsm.client,  # type: ignore[arg-type]  # the methods that are used
        )
        nursery.start_soon(journal.run)
        await nursery.start(board.run)
        terminals = Terminals(config.limits, metrics)
        nursery.start_soon(terminals.run)
        with ExitStack() as stack:
            where = {}
            for framing in ("tpdu-header", "tpdu"):
                listener = stack.enter_context(listen("127.0.0.1", 0, key="terminals.port"))
                nursery.start_soon(_accept, listener, framing, terminals, board)
                where[framing] = listener.getsockname()[1]
            await trio.sleep(LINK_S)  # the link signs on
            yield Whole(board, db, sim, rows, registry, where, hsm, calendar)
            nursery.cancel_scope.cancel()


async def _accept(
    listener: socket.socket, framing: str, terminals: Terminals, board: Switchboard
) -> None:
    while True:
        await trio.lowlevel.wait_readable(listener)
        terminals.serve(listener.accept()[0], "pos", get_framing(framing), board.on_frame)
