"""The journal's cost: both commits of a sale, with many sales waiting, on a server of its own.

Beside it, in the same run, what the same server takes for one commit a row and for bare batched
inserts of the same documents. CPU of this process is the worker's; CPU of PostgreSQL is that of all
its processes. Nothing of the network, HSM or codecs is in it.
"""

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time as day_time
from pathlib import Path

import trio

from bench._report import head
from pointsman.effects import Effects
from pointsman.store.connection import connect
from pointsman.store.journal import PostgresJournal
from pointsman.store.migrate import migrate
from pointsman.store.parties import Merchant
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.records import (
    Card,
    Concluded,
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
from pointsman.store.rows import intent_document
from pointsman.store.server import EmbeddedPostgres
from pointsman.store.site_rows import SiteChange, StoredKey, TerminalRow

MID = "898100053310001"
TERMINALS = 200
TICKS = os.sysconf("SC_CLK_TCK")
SETTLED_S = 0.3  # a session that ends while it is counted would be counted twice, or not at all


@dataclass(frozen=True)
class Cost:
    """One measured run; microseconds a sale (or a row)."""

    worker_us: float
    postgres_us: float
    wall_us: float


def main(argv: Sequence[str]) -> int:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(prog="bench store", description=__doc__)
    parser.add_argument("--sales", type=int, default=6000, help="sales in one run")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--waiting", type=int, nargs="*", default=[50, 200, 500])
    parser.add_argument("--json", action="store_true", help="the only form there is")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="pointsman-bench-") as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        server.prepare()
        server.start()
        try:
            figures = head("store", argv, arguments.runs)
            figures |= trio.run(_measure, server, arguments)
        finally:
            server.stop()
    json.dump(figures, sys.stdout)
    print()
    return 0


async def _measure(server: EmbeddedPostgres, arguments: argparse.Namespace) -> dict[str, object]:
    await migrate(server.url)
    await _import_site(server.url)
    assert server.pid is not None
    sales: int = arguments.sales
    runs: int = arguments.runs
    figures: dict[str, object] = {"sales": sales}
    bench = _Bench(server.url)
    await bench.measured(server.pid, sales, lambda work: bench.journal(work, 200))  # warm
    for waiting in arguments.waiting:
        costs = [
            await bench.measured(server.pid, sales, lambda work, w=waiting: bench.journal(work, w))  # type: ignore[misc]  # the default binds
            for _ in range(runs)
        ]
        figures[f"sale_both_commits_{waiting}_waiting"] = _median(costs)
    inserts = [
        await bench.measured(server.pid, sales, lambda work: bench.bare(work, 500))
        for _ in range(runs)
    ]
    figures["bare_batched_insert_of_a_row"] = _median(inserts)
    few = min(sales, 500)
    singles = [
        await bench.measured(server.pid, few, lambda work: bench.journal(work, 1))
        for _ in range(runs)
    ]
    figures["sale_both_commits_alone"] = _median(singles)
    return figures


def _median(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        "worker_us": round(statistics.median(cost.worker_us for cost in costs), 1),
        "postgres_us": round(statistics.median(cost.postgres_us for cost in costs), 1),
        "wall_us": round(statistics.median(cost.wall_us for cost in costs), 1),
    }


class _Bench:
    def __init__(self, url: str) -> None:
        self._url = url
        self._effects = Effects()
        self._number = 0

    async def measured(
        self, pid: int, count: int, run: Callable[[list[Transaction]], Awaitable[None]]
    ) -> Cost:
        work = [self._sale() for _ in range(count)]
        gc.collect()
        await trio.sleep(SETTLED_S)
        postgres, worker, wall = _cpu_of(pid), time.process_time(), time.perf_counter()
        await run(work)
        wall, worker = time.perf_counter() - wall, time.process_time() - worker
        await trio.sleep(SETTLED_S)
        postgres = _cpu_of(pid) - postgres
        return Cost(worker * 1e6 / count, postgres * 1e6 / count, wall * 1e6 / count)

    async def journal(self, work: list[Transaction], waiting: int) -> None:
        """Keep `waiting` sales under way, as a worker does: callbacks, no task a sale."""
        pool = Pool(self._url)
        incarnation, _ = await PostgresRecords(pool).begin("bench", 0)
        journal = PostgresJournal(self._url, incarnation, effects=self._effects)
        left = len(work)
        finished = trio.Event()
        deadline = trio.current_time() + 600

        def begin() -> None:
            if work:
                sale = work.pop()
                journal.intend(Intent(sale), deadline, lambda result: intended(sale, result))

        def intended(sale: Transaction, result: IntentResult) -> None:
            assert isinstance(result, Recorded), result
            answer = {"37": sale.rrn, "38": "123456", "39": "00", "4": "000000001000"}
            outcome = Outcome(sale.id, State.APPROVED, "00", answer, "00", "123456", sale.rrn)
            journal.conclude(outcome, deadline, lambda result: concluded(sale, result))

        def concluded(sale: Transaction, result: OutcomeResult) -> None:
            nonlocal left
            assert isinstance(result, Concluded), result
            journal.taken(sale.id)
            left -= 1
            if not left:
                finished.set()
            begin()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(journal.run)
            for _ in range(waiting):
                begin()
            await finished.wait()
            nursery.cancel_scope.cancel()
        pool.close()

    async def bare(self, work: list[Transaction], batch: int) -> None:
        """Insert the same documents into a table without anything, `batch` rows a commit."""
        connection = await connect(self._url)
        await connection.execute("create table if not exists bare (id bytea, document text)")
        for first in range(0, len(work), batch):
            rows = work[first : first + batch]
            ids = [sale.id for sale in rows]
            documents = [intent_document(Intent(sale)).decode() for sale in rows]
            await connection.execute(
                "insert into bare select * from unnest(%b::bytea[], %b::text[])", (ids, documents)
            )
        connection.end()

    def _sale(self) -> Transaction:
        random_bytes = self._effects.random_bytes
        self._number += 1
        number = self._number
        return Transaction(
            id=self._effects.new_id(),
            key=RequestKey(MID, f"{number % TERMINALS:08d}", "000001", f"{number:06d}"),
            fingerprint=self._effects.random_bytes(16),
            kind="sale",
            money=Money.DEBIT,
            method="chip",
            state=State.SENDING,
            amount_minor=1000,
            currency="156",
            card=Card(random_bytes(16), random_bytes(48), "622848", "0019"),
            scheme="CUP",
            domestic=True,
            mti="0200",
            processing_code="000000",
            entry_mode="051",
            condition="00",
            type_code="22",
            reversible=True,
            acquirer="alpha",
            session=0,
            host_stan=f"{number % 1000000:06d}",
            host_time="1122133000",
            rrn=f"6326{number:08d}",
            local_time="213000",
            local_date="1122",
            host={
                "0": "0200", "3": "000000", "4": "000000001000", "7": "1122133000",
                "11": f"{number % 1000000:06d}", "12": "213000", "13": "1122", "22": "051",
                "25": "00", "32": "00010000", "37": f"6326{number:08d}", "41": "12345678",
                "42": MID, "43": "Tea house              Shanghai     CN", "49": "156",
            },
        )  # fmt: skip


async def _import_site(url: str) -> None:
    pool = Pool(url)
    terminals = TerminalRow(
        MID, "", True, "cup-bcd", "tpdu-header", "cup-ecb", "003", StoredKey(b"block", "000000")
    )
    change = SiteChange(
        zone="Asia/Shanghai",
        cutoff=day_time(0, 0),
        merchants=(Merchant(MID, "Tea", "5812", "Shanghai", "CN", "156", active=True),),
        terminals=tuple(replace(terminals, tid=f"{n:08d}") for n in range(TERMINALS)),
    )
    await SiteSql(pool).apply_site(change, 0)
    pool.close()


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of a server: its main process, those it has, those it had."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(entry.name) == pid:
                total += sum(int(field) for field in fields[11:15]) / TICKS
            elif int(fields[1]) == pid:
                total += sum(int(field) for field in fields[11:13]) / TICKS
    return total
