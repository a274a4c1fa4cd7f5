"""How fast the console reads a large journal: server time of each list, search, page and figure.

`python -m bench console --rows 1000000 --json` fills a database of its own with sales of twenty
merchants over thirty days, the open one as full as any, then asks the application in this process,
without a network, as a platform administrator. With `--keep DIR` the database stays and is used
again. What the switch loses meanwhile is not measured here.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import trio

from pointsman.console import ids
from pointsman.console.app import make_office
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from pointsman.store.migrate import migrate
from pointsman.store.pool import Pool
from pointsman.store.server import EmbeddedPostgres
from tests.console.browser import EFFECTS, KEY, Browser, furnished, person
from tests.store.house import MID, TIDS

MERCHANTS = 20
_SALES = """
insert into transactions (id, mid, tid, batch, stan, fingerprint, kind, money, method, state,
    amount_minor, currency, first6, last4, scheme, domestic, reversible, acquirer, session, rrn,
    details, answer, response_code, host_rrn, approved_minor, business_date, incarnation,
    created_at)
select decode(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
        || lpad(to_hex(n), 19, '0'), 'hex'),
    case n %% %(merchants)s when 0 then %(mid)s
        else lpad((n %% %(merchants)s)::text, 15, '8') end,
    lpad((n %% 200)::text, 8, '0'), '000001', lpad((n %% 1000000)::text, 6, '0'), '', 'sale',
    'debit', 'chip', case n %% 19 when 0 then 'declined' else 'approved' end,
    100 + n %% 90000, '156',
    '622848', lpad((n %% 10000)::text, 4, '0'), 'CUP', true, true, 'alpha', 0,
    lpad(n::text, 12, '6'),
    jsonb_build_object('host_stan', lpad((n %% 999983)::text, 6, '0')), '{}',
    case n %% 19 when 0 then '51' else '00' end,
    lpad(n::text, 12, '7'), 100 + n %% 90000, day, 1, at
from (select n, now() - (%(rows)s - n) * interval '30 days' / %(rows)s as at,
        d.business_date - ((%(rows)s - n) * 30 / %(rows)s)::int as day
    from generate_series(1, %(rows)s) n, business_days d) s
"""
_DAYS = """
insert into business_days (business_date, state) select distinct t.business_date, 'closed'
from transactions t where t.business_date < (select business_date from business_days)
"""
_POSTINGS = """
insert into postings (transaction, kind, business_date, currency, signed_minor)
select t.id, 'payment', t.business_date, t.currency, t.approved_minor from transactions t
where t.state = 'approved' and t.business_date in (
    select business_date from business_days where state = 'closed')
"""


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench console")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=40, choices=range(1, 51))  # the rate limit
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="of an earlier run, or for a later"
    )
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    root = arguments.keep or Path(tempfile.mkdtemp(prefix="pointsman-bench-"))
    server = EmbeddedPostgres(root / "postgres")
    server.prepare()
    server.start()
    try:
        found, paths = trio.run(_measure, server.url, arguments.rows, arguments.times)
    finally:
        server.stop(immediately=arguments.keep is None)
        if arguments.keep is None:
            shutil.rmtree(root, ignore_errors=True)
    if arguments.json:
        print(json.dumps({**found, "paths": paths}))
        return 0
    for name, figures in paths.items():
        print(f"{name:32} {figures}")
    return 0


async def _measure(
    url: str, rows: int, times: int
) -> tuple[dict[str, object], dict[str, dict[str, float]]]:
    await migrate(url)
    owner = Pool(url, timeout_s=1800)
    figured_s = None
    if not await owner.value("select count(*) from merchants"):
        figured_s = await _filled(url, owner, rows)
    office = make_office(url, KEY, EFFECTS, mode="test")
    rows_found = await owner.rows(
        "select id, rrn, stan, business_date, details ->> 'host_stan',"
        " (select name from merchants m where m.mid = transactions.mid) from transactions"
        " order by id desc"
        " limit 1 offset %s",
        (min(100_000, rows // 2),),
    )
    sample = rows_found[0]
    today = await owner.value("select business_date from business_days where state = 'open'")
    admin = await person(office, Role.PLATFORM_ADMIN)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    payment = ids.encode(PREFIX, sample[0])
    asked: dict[str, tuple[Browser, str]] = {
        "payments": (admin, "/v1/payments"),
        "payments of one merchant": (viewer, "/v1/payments"),
        "payments declined": (admin, "/v1/payments?state=declined"),
        "search by RRN": (admin, f"/v1/payments?q={sample[1]}"),
        "search by last four": (admin, "/v1/payments?q=1234"),
        "search by STAN": (admin, f"/v1/payments?q={sample[2]}"),
        "search by the acquirer's STAN": (admin, f"/v1/payments?q={sample[4]}"),
        "search by amount": (admin, "/v1/payments?q=123.45"),
        "search by terminal": (viewer, f"/v1/payments?q={TIDS[0]}"),
        "search by a card as it is shown": (admin, "/v1/payments?q=622848****1234"),
        "search by a merchant's number": (admin, f"/v1/payments?q={MID}"),
        "search by a merchant's name": (admin, f"/v1/payments?q={sample[5]}"),
        "search by a day": (admin, f"/v1/payments?q={sample[3]}"),
        "search by an acquirer": (admin, "/v1/payments?q=alpha"),
        "search for nothing": (admin, "/v1/payments?q=ZZZZZZ"),
        "payments failed (none)": (admin, "/v1/payments?state=failed"),
        "payments of one day": (admin, f"/v1/payments?business_date={sample[3]}"),
        "payments refunded (none)": (admin, "/v1/payments?state=refunded"),
        "payments over an amount": (admin, "/v1/payments?amount[gte]=89000"),
        "payments, dearest of a day": (
            admin,
            f"/v1/payments?sort=-amount&business_date={sample[3]}",
        ),
        "payments with their number": (viewer, "/v1/payments?include=total"),
        "terminals on line": (admin, "/v1/terminals?state=online"),
        "payments by answer": (admin, "/v1/payments?response_code=A0"),
        "payment": (admin, f"/v1/payments/{payment}"),
        "merchants": (admin, "/v1/merchants"),
        "terminals": (admin, "/v1/terminals"),
        "overview": (admin, "/v1/overview"),
        "overview of one merchant": (viewer, "/v1/overview"),
        "R01, a month of one merchant": (viewer, "/v1/reports/R01/result?period=30d"),
        "R01, a month of all": (admin, "/v1/reports/R01/result?period=30d"),
        "R04, a month of one merchant": (viewer, "/v1/reports/R04/result?period=30d"),
        "R09, a month of one merchant": (viewer, "/v1/reports/R09/result?period=30d"),
        "statistics by hour, a week": (admin, "/v1/statistics?by=hour&period=7d"),
        "payments, dearest of today": (admin, f"/v1/payments?sort=-amount&business_date={today}"),
        "batches": (admin, "/v1/batches"),
        "what waits": (admin, "/v1/attention"),
        "page of payments": (admin, "/payments"),
        "page of terminals": (admin, "/terminals"),
        "page of the overview": (admin, "/"),
        "the same, of one merchant": (viewer, "/"),
        "page of R01, of one merchant": (viewer, "/reports/R01?period=30d"),
    }
    found = {name: await _timed(*who, times) for name, who in asked.items()}
    office.pool.close()
    owner.close()
    return {  # told beside the figures
        "measurement": "console",
        "date": datetime.now(UTC).date().isoformat(),
        "command": f"python -m bench console --rows {rows} --times {times}",
        "n": times,
        "rows": rows,
        "figures_of_a_day_s": figured_s and round(figured_s, 2),
    }, found


async def _filled(url: str, owner: Pool, rows: int) -> float:
    """Fill the database; return how long the figures of a closed day took."""
    (await furnished(url)).pool.close()
    await owner.rows(_SALES, {"rows": rows, "merchants": MERCHANTS, "mid": MID})
    await owner.rows(_DAYS)
    await owner.rows(_POSTINGS)
    await owner.rows("vacuum (analyze) transactions")  # as autovacuum does while sales come
    await owner.rows("vacuum (analyze) postings")
    began = time.perf_counter()
    days = await owner.rows("select business_date from business_days where state = 'closed'")
    for day in days:
        await owner.rows("select figure_day(%s)", day)
    await owner.rows("vacuum (analyze) day_figures")
    return (time.perf_counter() - began) / max(len(days), 1)


async def _timed(browser: Browser, path: str, times: int) -> dict[str, float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        answer = await browser.get(path)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.text[:200])
    taken.sort()
    return {
        "p50_ms": round(taken[len(taken) // 2], 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)], 1),
        "max_ms": round(taken[-1], 1),
    }
