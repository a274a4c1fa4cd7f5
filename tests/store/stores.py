"""PostgreSQL and the store in memory behind one face, for the contract that they share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import trio

from pointsman.store import memory_days, memory_session
from pointsman.store.day import Days
from pointsman.store.journal import PostgresJournal
from pointsman.store.memory import MemoryDatabase, TerminalRow
from pointsman.store.memory_parked import carry_out_parked
from pointsman.store.memory_records import MemoryRecords, calmly
from pointsman.store.memory_server import MemoryServer
from pointsman.store.memory_settlement import MemoryDays
from pointsman.store.parked_sql import Action, ParkedSql, Said
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.records import (
    Concluded,
    Guard,
    Intent,
    IntentResult,
    Outcome,
    OutcomeResult,
    Recorded,
    Transaction,
)
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.settlement_sql import DaysSql
from pointsman.store.verbs import Records
from tests.store.house import EFFECTS, MID, TIDS, approved, import_site, own_session, site

DAY = date(2026, 11, 22)
NEXT_DAY = date(2026, 11, 23)


@dataclass
class Clerk:
    """Incarnation and store of one worker."""

    journal: PostgresJournal
    records: Records
    incarnation: int
    recovered: int

    async def intend(
        self,
        t: Transaction,
        guard: Guard | None = None,
        wait_s: float = 10.0,
        percent: int = 0,
        *,
        invoice: str = "",
    ) -> IntentResult:
        results: list[IntentResult] = []
        done = trio.Event()

        def take(result: IntentResult) -> None:
            results.append(result)
            done.set()

        intent = Intent(t, guard, percent, invoice=invoice)
        self.journal.intend(intent, trio.current_time() + wait_s, take)
        await done.wait()
        return results[0]

    async def conclude(self, outcome: Outcome) -> OutcomeResult:
        results: list[OutcomeResult] = []
        done = trio.Event()

        def take(result: OutcomeResult) -> None:
            results.append(result)
            done.set()

        self.journal.conclude(outcome, trio.current_time() + 10.0, take)
        await done.wait()
        return results[0]

    async def approve(self, t: Transaction, guard: Guard | None = None) -> Transaction:
        """Write both commits of an approved payment; return the row."""
        result = await self.intend(t, guard)
        assert isinstance(result, Recorded), result
        assert await self.conclude(approved(t)) == Concluded(tell=True)
        return await self.row(t)

    async def row(self, t: Transaction) -> Transaction:
        row = await self.records.by_id(t.id)
        assert row is not None
        return row


class Store:
    """One store, whichever it is: workers begin here, and days close."""

    def __init__(self, nursery: trio.Nursery, url: str | None) -> None:
        self._nursery = nursery
        self._url = url
        self._pools: list[Pool] = []
        self._db = MemoryDatabase(lambda: datetime.now(UTC).timestamp())
        self._server = MemoryServer(self._db)

    async def open(self) -> None:
        if self._url is not None:
            await import_site(self._url)
            return
        change = site()
        self._db.version = 1
        self._db.merchants = {one.mid: one for one in change.merchants}
        self._db.acquirers = {one.acquirer.name: one.acquirer for one in change.acquirers}
        self._db.routes = dict(change.routes)
        for tid in TIDS:
            row = TerminalRow(MID, tid, True, "cup-bcd", "tpdu-header", "cup-ecb", b"tmk")
            self._db.add_terminal(row)
        memory_days.open_first(self._db, DAY)
        await self._nursery.start(self._server.run)

    def _pool(self) -> Pool:
        assert self._url is not None
        self._pools.append(Pool(self._url))
        return self._pools[-1]

    async def worker(
        self, number: int = 0, machine: str = "machine", *, lease: bool = True
    ) -> Clerk:
        """Begin a worker, as one that died and is started again does."""
        records: Records
        if self._url is not None:
            records = PostgresRecords(self._pool())
            incarnation, recovered = await records.begin(machine, number)
            journal = PostgresJournal(self._url, incarnation, effects=EFFECTS)
        else:
            records = MemoryRecords(self._db)
            incarnation, recovered = await records.begin(machine, number)

            async def connect(_url: str) -> Any:  # noqa: ANN401  # stands for a connection
                return await memory_session.connect(self._server)

            journal = PostgresJournal("", incarnation, effects=EFFECTS, connect=connect)
        if lease:
            await own_session(records, number)
        self._nursery.start_soon(journal.run)
        return Clerk(journal, records, incarnation, recovered)

    async def add_merchant(self, mid: str) -> None:
        """Put a second merchant with one terminal (the first TID) into the site."""
        change = site()
        merchant = replace(change.merchants[0], mid=mid)
        if self._url is None:
            self._db.merchants[mid] = merchant
            self._db.add_terminal(
                TerminalRow(mid, TIDS[0], True, "cup-bcd", "tpdu-header", "cup-ecb", b"tmk")
            )
            return
        sites = SiteSql(self._pool())
        terminal = replace(change.terminals[0], mid=mid)
        more = replace(
            change,
            merchants=(*change.merchants, merchant),
            terminals=(*change.terminals, terminal),
        )
        await sites.apply_site(more, (await sites.stored_site()).version)

    async def list_card(self, token: bytes, code: str, masked: str = "") -> None:
        """Put a card on the black list."""
        if self._url is None:
            self._db.blacklist["\\x" + token.hex()] = code
            self._db.masked["\\x" + token.hex()] = masked
        else:
            await self._pool().rows("select list_token(%s, %s, %s)", (token, code, masked))

    def days(self) -> Days:
        """Return the verbs of settlement."""
        if self._url is not None:
            return DaysSql(self._pool())
        return MemoryDays(self._db, calmly)

    async def close_day(self) -> tuple[date, date]:
        """Close the open day; return it and the one that is open now."""
        if self._url is not None:
            days = DaysSql(self._pool())
            day = await days.open_day()
            following = date.fromordinal(day.toordinal() + 1)
            await days.begin_day_close(day, following)
            await days.close_day(day)
            return day, following
        day = self._db.open_day()
        following = date.fromordinal(day.toordinal() + 1)
        memory_days.begin_day_close(self._db, day, following)
        assert memory_days.close_day(self._db, day) == "closed"
        return day, following

    async def postings(self) -> list[tuple[bytes, str, date, int]]:
        """Return every posting: transaction, kind, day, signed minor units."""
        if self._url is not None:
            rows = await self._pool().rows(
                "select transaction, kind, business_date, signed_minor from postings"
            )
            return sorted((bytes(row[0]), *row[1:]) for row in rows)
        return sorted(
            (id_, kind, one.day, one.signed_minor) for (id_, kind), one in self._db.postings.items()
        )

    async def open_items(self, day: date) -> list[tuple[bytes, str, int]]:
        """Return what a closed day lists as open."""
        if self._url is not None:
            rows = await self._pool().rows(
                "select transaction, reason, signed_minor from day_open_items"
                " where business_date = %s",
                (day,),
            )
            return sorted((bytes(row[0]), row[1], row[2]) for row in rows)
        return sorted((id_, *one) for id_, one in self._db.open_items.get(day, {}).items())

    async def exceptions(self) -> list[tuple[str, str]]:
        """Return what a person must look at: STAN and kind."""
        if self._url is not None:
            rows = await self._pool().rows("select stan, kind from exceptions")
            return sorted((row[0], row[1]) for row in rows)
        return sorted((key[3], key[4]) for key in self._db.exceptions)

    async def decide(self, id_: bytes, action: Action) -> bool:
        """Let two users decide what is parked; false where it is not."""
        if self._url is None:
            return carry_out_parked(self._db, id_, action.value)
        desk = ParkedSql(self._pool())
        asked = await desk.decide(id_, action, "ada", "asked the host")
        done = await desk.decide(id_, action, "grace", "so did I")
        return (asked, done) == (Said.ASKED, Said.DONE)

    def close(self) -> None:
        for pool in self._pools:
            pool.close()


@asynccontextmanager
async def open_store(url: str | None) -> AsyncIterator[Store]:
    """Open a store with the small site; None is the one in memory."""
    async with AsyncExitStack() as stack, trio.open_nursery() as nursery:
        store = Store(nursery, url)
        stack.callback(store.close)
        await store.open()
        try:
            yield store
        finally:
            nursery.cancel_scope.cancel()
