"""What the tests of the store begin with: a small site, a running journal, sales to write."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import time

import trio

from pointsman.effects import Effects
from pointsman.store.journal import PostgresJournal
from pointsman.store.leases import SessionLeases, session_name
from pointsman.store.parties import Acquirer, Merchant, Route
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.records import (
    Card,
    Concluded,
    Guard,
    Intent,
    IntentResult,
    Money,
    Outcome,
    OutcomeResult,
    Recorded,
    RequestKey,
    State,
    Transaction,
)
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.site_rows import AcquirerRow, SiteChange, StoredKey, TerminalRow

MID = "898100053310001"
TIDS = tuple(f"{number:08d}" for number in range(1, 21))
BATCH = "000001"
EFFECTS = Effects()
MONEY = {
    "void": Money.DEBIT_MINUS,
    "refund": Money.CREDIT,
    "preauth": Money.HOLD,
    "preauth-cancel": Money.NONE,
    "balance": Money.NONE,
    "tip": Money.REPLACES,
}
FIRST_DIGITS, LAST_DIGITS = "622848", "0019"


def site() -> SiteChange:
    acquirer = Acquirer(
        "alpha", "00010000", "ascii87", "ascii4", "127.0.0.1", 9101, True, b"zpk", b"zak", "x9.19"
    )
    return SiteChange(
        zone="Asia/Shanghai",
        cutoff=time(0, 0),
        merchants=(Merchant(MID, "Tea", "5812", "Shanghai", "CN", "156", True),),
        terminals=tuple(
            TerminalRow(
                MID, tid, True, "cup-bcd", "tpdu-header", "cup-ecb", "003", StoredKey(b"tmk", "A1")
            )
            for tid in TIDS
        ),
        acquirers=(AcquirerRow(acquirer, "00AA11", "00BB22"),),
        routes={MID: (Route(MID, "alpha", 1),)},
    )


def transaction(
    stan: int,
    *,
    amount: int = 1000,
    tid: str = TIDS[0],
    batch: str = BATCH,
    kind: str = "sale",
    fingerprint: bytes = b"same",
    state: State = State.SENDING,
    original: bytes | None = None,
    reversible: bool = True,
    domestic: bool = True,
    answer: Mapping[str, str] | None = None,
) -> Transaction:
    return Transaction(
        id=EFFECTS.new_id(),
        key=RequestKey(MID, tid, batch, f"{stan:06d}"),
        fingerprint=fingerprint,
        kind=kind,
        money=MONEY.get(kind, Money.DEBIT),
        method="chip",
        state=state,
        amount_minor=amount,
        currency="156",
        card=Card(b"token", b"cipher", FIRST_DIGITS, LAST_DIGITS),
        scheme="CUP",
        domestic=domestic,
        mti="0200",
        processing_code="000000",
        entry_mode="051",
        condition="00",
        type_code="22",
        reversible=reversible,
        acquirer="alpha",
        session=0,
        host_stan=f"{stan:06d}",
        host_time="1122133000",
        rrn=f"6326{stan:08d}",
        local_time="213000",
        local_date="1122",
        host={"0": "0200", "11": f"{stan:06d}", "43": "Tea 'n\" \\ 茶"},
        answer=answer or {},
        original=original,
    )


@dataclass
class House:
    """One worker's store: its journal is running."""

    url: str
    journal: PostgresJournal
    records: PostgresRecords
    pool: Pool
    incarnation: int
    wait_s: float = 10.0
    told: list[object] = field(default_factory=list)

    async def intend(
        self,
        t: Transaction,
        guard: Guard | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> IntentResult:
        results: list[IntentResult] = []
        done = trio.Event()

        def take(result: IntentResult) -> None:
            results.append(result)
            done.set()

        self.journal.intend(
            Intent(t, guard, limits=limits), trio.current_time() + self.wait_s, take
        )
        await done.wait()
        await trio.lowlevel.checkpoint()
        assert len(results) == 1
        return results[0]

    async def conclude(self, outcome: Outcome) -> OutcomeResult:
        results: list[OutcomeResult] = []
        done = trio.Event()

        def take(result: OutcomeResult) -> None:
            results.append(result)
            done.set()

        self.journal.conclude(outcome, trio.current_time() + self.wait_s, take)
        await done.wait()
        assert len(results) == 1
        return results[0]

    async def approve(self, t: Transaction, guard: Guard | None = None) -> Transaction:
        """Write both commits of an approved sale; return the row."""
        result = await self.intend(t, guard)
        assert isinstance(result, Recorded), result
        assert await self.conclude(approved(t)) == Concluded(tell=True)
        return await self.row(t)

    async def row(self, t: Transaction) -> Transaction:
        row = await self.records.by_id(t.id)
        assert row is not None
        return row


def approved(t: Transaction, *, minor: int = 0) -> Outcome:
    return Outcome(
        t.id, State.APPROVED, "00", {"39": "00"}, "00", "123456", "HOST" + t.rrn[4:], "1122", minor
    )


def declined(t: Transaction) -> Outcome:
    return Outcome(t.id, State.DECLINED, "51", {"39": "51"}, "51")


def unknown(t: Transaction) -> Outcome:
    return Outcome(t.id, State.UNKNOWN, "98", {"39": "98"}, owe=True, reason="98")


async def until(true: Callable[[], bool]) -> None:
    """Wait until something that other tasks do has happened."""
    with trio.fail_after(10):
        while not true():  # noqa: ASYNC110  # the tests ask things that have no event
            await trio.sleep(0.005)


async def import_site(url: str) -> None:
    pool = Pool(url)
    stored = await SiteSql(pool).stored_site()
    await SiteSql(pool).apply_site(site(), stored.version)
    pool.close()


async def own_session(records: SessionLeases, session: int) -> None:
    """Take the lease of a session, as a worker does before it serves."""
    found = {one.name: one for one in await records.beat()}.get(session_name(session))
    number, beat = (found.number, found.beat) if found else (0, 0)
    assert await records.take_session(session, number, beat)


@asynccontextmanager
async def worker(url: str, number: int = 0) -> AsyncIterator[House]:
    """Run one worker's store on a database that has a site."""
    pool = Pool(url)
    records = PostgresRecords(pool)
    incarnation, _ = await records.begin("machine", number)
    await own_session(records, number)
    journal = PostgresJournal(url, incarnation, effects=EFFECTS)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.run)
        try:
            yield House(url, journal, records, pool, incarnation)
        finally:
            nursery.cancel_scope.cancel()
            pool.close()
