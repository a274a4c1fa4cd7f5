"""How fast the console reads a large journal: server time of each list, search, page and figure.

`python -m bench console --rows 5000000 --json` fills a database of its own (load/journal.py,
load/office_rows.py), then asks the application in this process, without a network. With
`--keep DIR` the database stays and is used again. What the switch loses meanwhile is measured by
console_load.py.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trio

from bench._report import head
from bench.load import journal, office_rows
from bench.load.accounting import cpu_s
from pointsman.console import ids
from pointsman.console.app import make_office
from pointsman.console.office import Office
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from pointsman.console.routes import ROUTES
from pointsman.store.migrate import migrate
from pointsman.store.pool import Pool
from pointsman.store.server import EmbeddedPostgres
from tests.console.browser import EFFECTS, KEY, furnished, person
from tests.store.house import MID

LIST_MS, OVERVIEW_MS, REPORT_MS = 150.0, 200.0, 500.0
"""What the 95th percentile may be of a list's first page or a search, the overview, and R01."""
FILL_S = 3600.0
_COLUMNS = ("p50_ms", "p95_ms", "max_ms", "limit_ms", "cpu_ms")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom, and what its 95th percentile may be (None: nothing is promised)."""

    name: str
    who: Role
    path: str
    limit_ms: float | None = LIST_MS


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench console")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=40, choices=range(1, 51))  # the rate limit
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="of an earlier run, or for a later"
    )
    parser.add_argument("--only", default="", help="questions with this word in their name")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    root = arguments.keep or Path(tempfile.mkdtemp(prefix="pointsman-bench-"))
    report = head("console", argv, arguments.times)
    server = EmbeddedPostgres(root / "postgres")
    server.prepare()
    server.start()
    assert server.pid is not None
    try:
        report |= trio.run(_measure, server.url, server.pid, arguments)
    finally:
        server.stop(immediately=arguments.keep is None)
        if arguments.keep is None:
            shutil.rmtree(root, ignore_errors=True)
    if arguments.json:
        print(json.dumps(report))
        return 0
    for one in report["questions"]:  # type: ignore[attr-defined]  # a list, made below
        print(*(f"{one[key]!s:>9}" for key in _COLUMNS), one["name"])
    return 0


async def _measure(url: str, server: int, arguments: argparse.Namespace) -> dict[str, object]:
    await migrate(url)
    owner = Pool(url, timeout_s=FILL_S)
    figured_s = None
    if not await owner.value("select count(*) from merchants"):
        print("filling: some minutes for a million rows", file=sys.stderr)
        (await furnished(url)).pool.close()
        figured_s = await journal.fill(owner, arguments.rows)
        await office_rows.fill(owner)
    rows = await owner.value("select count(*) from transactions")
    office = make_office(url, KEY, EFFECTS, mode="test")
    asked = [one for one in await _questions(owner) if arguments.only in one.name]
    for one in asked:  # what is read for the first time is read from the disk
        await _timed(office, one, 1, server)
    found = []
    for one in asked:
        times = max(arguments.times // (1 if one.limit_ms else 5), 1)
        found.append(await _timed(office, one, times, server))
    office.pool.close()
    owner.close()
    return {
        "rows": rows,
        "figures_of_a_day_s": figured_s and round(figured_s, 2),
        "over_the_limit": [one["name"] for one in found if one["over"]],
        "questions": found,
    }


async def _questions(owner: Pool) -> list[Question]:
    """Return all questions; the references are those of a payment some days ago."""
    (rrn, stan, day, host_stan, name, raw, host_rrn), *_ = await owner.rows(
        "select rrn, stan, business_date, details ->> 'host_stan',"
        " (select name from merchants m where m.mid = t.mid), id, host_rrn"
        " from transactions t order by id desc limit 1"
        " offset (select count(*) / 10 from transactions)"
    )
    today = await owner.value("select business_date from business_days where state = 'open'")
    admin, viewer = Role.PLATFORM_ADMIN, Role.MERCHANT_VIEWER
    payment = ids.encode(PREFIX, raw)
    batch = await owner.value("select batch from batches where state = 'open' limit 1")
    r01 = "/v1/reports/R01"
    lists = [  # every list there is, as an API and as a page
        Question(f"list {path}", admin, path)
        for method, path in ROUTES
        if method == "GET" and "sort" in ROUTES[method, path].parameters and "export" not in path
    ]
    others = ("exceptions", "acquirers", "links", "roles", "outbox", "attention", "lamps")
    lists += [Question(f"list /v1/{path}", admin, f"/v1/{path}") for path in others]
    searches = {
        "RRN": rrn,
        "the host's RRN": host_rrn,
        "STAN": stan,
        "the acquirer's STAN": host_stan,
        "last four": "1234",
        "a card as it is shown": "622848****1234",
        "an amount": "123.45",
        "a terminal": "00000020",
        "a merchant's number": MID,
        "a merchant's name": name,
        "a day": day,
        "an acquirer": "alpha",
        "a batch": batch,
        "an id": payment,
        "nothing that is there": "ZZZZZZ",
    }
    filters = {
        "declined": "state=declined",
        "failed (none)": "state=failed",
        "refunded (none)": "state=refunded",
        "of one day": f"business_date={day}",
        "over an amount": "amount[gte]=89000",
        "dearest of a day": f"sort=-amount&business_date={day}",
        "dearest of today": f"sort=-amount&business_date={today}",
        "by an answer (none)": "response_code=A0",
        "with their number": "include=total",
    }
    return [
        *lists,
        *(Question(f"search by {n}", admin, f"/v1/payments?q={q}") for n, q in searches.items()),
        *(Question(f"payments {n}", admin, f"/v1/payments?{q}") for n, q in filters.items()),
        Question("payments of one merchant", viewer, "/v1/payments"),
        Question("payments of one, with their number", viewer, "/v1/payments?include=total"),
        Question("a payment", admin, f"/v1/payments/{payment}"),
        Question("open batches", admin, "/v1/batches?state=open"),
        Question("batches of a day", admin, f"/v1/batches?business_date={day}"),
        Question("terminals on line", admin, "/v1/terminals?state=online"),
        Question("terminals off line", admin, "/v1/terminals?state=offline"),
        Question("overview", admin, "/v1/overview", OVERVIEW_MS),
        Question("overview of one merchant", viewer, "/v1/overview", OVERVIEW_MS),
        Question("overview, page", admin, "/", OVERVIEW_MS),
        Question("overview, page of one merchant", viewer, "/", OVERVIEW_MS),
        Question("R01, a month of one merchant", viewer, f"{r01}/result?period=30d", REPORT_MS),
        Question("R01, page of one merchant", viewer, "/reports/R01?period=30d", REPORT_MS),
        Question("R01, a month of all", admin, f"{r01}/result?period=30d", None),
        Question("R04, a month of one merchant", viewer, "/v1/reports/R04/result?period=30d", None),
        Question("R09, a month of one merchant", viewer, "/v1/reports/R09/result?period=30d", None),
        Question("statistics by hour, a week", admin, "/v1/statistics?by=hour&period=7d", None),
    ]  # fmt: skip


async def _timed(office: Office, asked: Question, times: int, server: int) -> dict[str, object]:
    who = await person(office, asked.who)  # of its own: each may ask 600 times a minute
    taken, began_cpu = [], _cpu_s(server)
    for _ in range(times):
        began = time.perf_counter()
        answer = await who.get(asked.path)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (asked.path, answer.text[:200])
    cpu_ms = (_cpu_s(server) - began_cpu) * 1000 / times
    taken.sort()
    p95 = taken[-(-len(taken) * 95 // 100) - 1]  # the nearest rank
    return {
        "name": asked.name,
        "n": times,
        "p50_ms": round(taken[len(taken) // 2], 1),
        "p95_ms": round(p95, 1),
        "max_ms": round(taken[-1], 1),
        "limit_ms": asked.limit_ms,
        "over": asked.limit_ms is not None and p95 > asked.limit_ms,
        "cpu_ms": round(cpu_ms, 1),  # of application and database; says the same at any load
    }


def _cpu_s(server: int) -> float:
    return time.process_time() + cpu_s([server], with_children=True)
