"""One worker's switch, its parts joined as a worker joins them: either HSM, store in memory, link.

Terminals speak golden messages with real MACs, a scripted acquirer answers with one. What each part
decides is tested beside it; here, that they are joined, follow the site and drain.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.store import memory_days, memory_session
from pointsman.store.journal import PostgresJournal
from pointsman.store.memory import MemoryDatabase, TerminalRow
from pointsman.store.memory_records import MemoryRecords
from pointsman.store.memory_server import MemoryServer
from pointsman.store.parties import KeySet, KeySetState, Route
from pointsman.store.records import OwedState, RequestKey, State, Undo
from pointsman.switch.switchboard import SITE_POLL_S, Switchboard
from tests.codecs.golden import golden
from tests.hsm.laboratory import PIK, TMK, ZAK, ZPK, Laboratory
from tests.switch.host_peer import ALPHA, HostPeer, Reply, Script, answer_to, new_metrics, obedient
from tests.switch.hsms import SwitchHsm, switch_hsm
from tests.switch.lives import MERCHANT
from tests.switch.owed_house import maced
from tests.switch.test_conductor import Terminals

pytestmark = pytest.mark.usefixtures("backend")
SALE = "cup-sale-swipe-pin-req"
MID, TID, BATCH = "898100053310001", "12345678", "000012"
KEY = RequestKey(MID, TID, BATCH, golden(SALE).fields[11])
NOW = datetime(2026, 3, 15, 2, 17, 35, tzinfo=UTC)


@dataclass
class House:
    board: Switchboard
    db: MemoryDatabase
    peer: HostPeer
    connection: Terminals
    hsm: SwitchHsm

    def hear(self, name: str) -> None:
        """Hand a golden frame over, as a terminal's connection does."""
        reader = self.connection.framing.reader()
        self.board.on_frame(self.connection, reader.feed(self.hsm.wire(golden(name)))[0])

    async def answer(self, number: int = 1) -> Message:
        with trio.fail_after(100):
            while len(self.connection.answers) < number:  # noqa: ASYNC110  (a list, no event)
                await trio.sleep(0.05)
        return self.connection.answers[number - 1]

    def payments(self) -> list[Message]:
        return [message for message in self.peer.heard if message.mti[1] != "8"]


def approving(message: Message) -> list[Reply] | None:
    if message.mti[1] == "8":
        return obedient(message)
    return [maced(answer_to(message, {38: "AB1234"} if message.mti == "0200" else {}))]


def silent_to_sales(message: Message) -> list[Reply] | None:
    return [] if message.mti == "0200" else approving(message)


def filled(hsm: SwitchHsm) -> MemoryDatabase:
    """The tables with one merchant, one terminal that has signed in, one acquirer."""
    key = hsm.key
    db = MemoryDatabase(NOW.timestamp)
    db.version = 1
    db.merchants = {MID: MERCHANT}
    db.acquirers = {"alpha": replace(ALPHA, zpk=key("ZPK", ZPK), zak=key("ZAK", ZAK))}
    db.routes = {MID: (Route(MID, "alpha", 1),)}
    keys = KeySet(1, key("TPK", PIK), hsm.tak(), KeySetState.CURRENT)
    row = TerminalRow(
        MID, TID, True, "cup-bcd", "tpdu-header", hsm.mac_method, key("TMK", TMK), BATCH
    )
    db.add_terminal(replace(row, signed_in=True, key_sets={1: (keys, NOW.timestamp())}))
    memory_days.open_first(db, date(2026, 3, 15))
    return db


@asynccontextmanager
async def house(script: Script = approving) -> AsyncIterator[House]:
    async with switch_hsm(Laboratory()) as hsm, _house(script, hsm) as made:
        yield made


@asynccontextmanager
async def _house(script: Script, hsm: SwitchHsm) -> AsyncIterator[House]:
    db = filled(hsm)
    server = MemoryServer(db)
    effects = Effects(now=lambda: NOW)

    async def connect(_url: str) -> Any:  # noqa: ANN401  (stands for a connection)
        return await memory_session.connect(server)

    async with trio.open_nursery() as nursery:
        await nursery.start(server.run)
        peer = HostPeer(nursery, script)
        records = MemoryRecords(db)
        incarnation, _ = await records.begin("machine", 0)
        metrics = new_metrics()
        journal = PostgresJournal(
            "", incarnation, effects=effects, metrics=metrics, connect=connect
        )
        board = Switchboard(
            0,
            incarnation,
            config=Config(),
            effects=effects,
            metrics=metrics,
            records=records,
            journal=journal,
            hsm=hsm.client,  # type: ignore[arg-type]  # the methods that are used
            dial=peer.dial,
        )
        nursery.start_soon(journal.run)
        await nursery.start(board.run)
        await trio.sleep(1)  # the link signs on
        yield House(board, db, peer, Terminals(), hsm)
        nursery.cancel_scope.cancel()


async def test_a_sale_goes_all_the_way_and_is_journaled(autojump_clock: MockClock) -> None:
    async with house() as made:
        made.hear(SALE)
        answer = await made.answer()
        assert (answer.mti, answer[39], answer[38]) == ("0210", "00", "AB1234")
        assert made.hsm.signed(answer)
        [sent] = made.payments()
        assert sent[4] == golden(SALE).fields[4]
        assert sent[52] != golden(SALE).fields[52], "the PIN block is under the zone's key"
        row = made.db.read_by_key(KEY)
        assert row is not None
        assert (row.state, row.approved_minor) == (State.APPROVED, int(sent[4]))


async def test_a_repeat_is_answered_from_the_journal_and_not_sent(
    autojump_clock: MockClock,
) -> None:
    async with house() as made:
        made.hear(SALE)
        first = await made.answer()
        made.hear(SALE)
        second = await made.answer(2)
        assert second.fields == first.fields
        assert len(made.payments()) == 1


async def test_silence_is_98_and_its_reversal_goes_out_by_itself(
    autojump_clock: MockClock,
) -> None:
    async with house(silent_to_sales) as made:
        made.hear(SALE)
        assert (await made.answer())[39] == "98"
        await trio.sleep(60)
        sale, *undoing = made.payments()
        assert {one.mti[:2] for one in undoing} == {"04"}
        assert undoing[0][90][4:10] == sale[11]
        row = made.db.read_by_key(KEY)
        assert row is not None
        assert row.undo is Undo.DONE
        assert [one.state for one in made.db.owed.values()] == [OwedState.DONE]


async def test_a_merchant_that_was_switched_off_is_refused_within_a_second(
    autojump_clock: MockClock,
) -> None:
    async with house() as made:
        made.db.merchants[MID] = replace(MERCHANT, active=False)
        made.db.version += 1
        await trio.sleep(SITE_POLL_S)
        made.hear(SALE)
        assert (await made.answer())[39] == "03"
        assert made.payments() == []


async def test_draining_answers_what_is_in_flight_and_refuses_what_is_new(
    autojump_clock: MockClock,
) -> None:
    async with house(silent_to_sales) as made, trio.open_nursery() as nursery:
        made.hear(SALE)
        await trio.sleep(1)
        nursery.start_soon(made.board.drain)
        await trio.sleep(1)
        made.hear("cup-sale-chip-pin-req")
        assert (await made.answer())[39] == "96"
        assert (await made.answer(2))[39] == "98"
        await trio.sleep(10)
        assert "0800/002" in made.peer.types()
