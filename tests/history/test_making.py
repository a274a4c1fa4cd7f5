"""A history passes every check that a house's own past passes: chains, sums, books, files."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from pointsman.console import demo_approval, demo_people
from pointsman.console.app import make_office
from pointsman.console.rights import Role
from pointsman.console.seal import Seal
from pointsman.effects import Effects
from pointsman.history.making import NotFreshError
from pointsman.history.town import Fate
from pointsman.reports.catalogue import REPORTS
from pointsman.reports.period import Period, Question
from pointsman.sim.book import Book
from pointsman.sim.host_rows import HOST_ROWS
from pointsman.sim.ledger import read_rows
from pointsman.store.pool import Pool
from tests.console.browser import KEY, person
from tests.history.town import NOW, made, town
from tests.reports.day import making

SET = """
select (select count(*) from acquirers), (select count(*) from merchants),
    (select count(*) from outlets), (select count(*) from terminals),
    (select count(*) from business_days where state = 'closed'),
    (select count(*) from business_days where state = 'open'),
    (select count(*) from users), (select count(distinct role) from grants),
    (select count(*) from approvals where state = 'open')
"""
NET = """
select mid, currency, coalesce(sum(payable_minor(t)), 0)::bigint from transactions t
where payable_minor(t) is not null group by 1, 2
"""
TIMES = """
select count(*) filter (where created_at > %(now)s),
    count(*) filter (where created_at <> to_timestamp(
        (('x' || encode(substring(id from 1 for 6), 'hex'))::bit(48)::bigint) / 1000.0)),
    min(created_at)
from transactions
"""
FIGURES = """
select md5(string_agg(line, E'\\n' order by line)) from (
    select concat_ws('|', encode(id, 'hex'), mid, tid, batch, stan, kind, state, undo, voiding,
        approved_minor, acquirer, rrn, business_date, created_at, details, answer) as line
    from transactions) found
"""


async def test_a_history_passes_every_check(database: str, tmp_path: Path) -> None:
    result = await made(database, tmp_path, 3)
    assert result.days == 3
    assert result.payments > 900
    pool = Pool(database)
    days = await pool.rows("select business_date, state from business_days order by 1")
    assert days == [
        (date(2026, 3, 8), "closed"),
        (date(2026, 3, 9), "closed"),
        (date(2026, 3, 10), "open"),
    ]
    chains = await pool.rows(
        "select writer, broken_at(writer) from (select distinct writer from events) w"
    )
    assert len(chains) == 3  # a worker's journal and rare acts, and everybody else's
    assert {broken for _, broken in chains} == {None}
    later, other, first = (await pool.rows(TIMES, {"now": NOW}))[0]
    assert (later, other) == (0, 0)
    assert first.date() == date(2026, 3, 7) or first.date() == date(2026, 3, 8)
    assert await pool.value("select count(*) from events where at > %s", (NOW,)) == 0
    assert await pool.value("select count(*) from transactions where state = 'sending'") == 0
    results = dict(await pool.rows("select result, count(*) from batches group by 1"))
    assert set(results) - {"forced"} == {"balanced", None}  # some forgot to close theirs
    await every_figure_agrees(database, [day for day, _ in days])
    await every_book_agrees(pool, tmp_path / "acquirers")
    for day, name, digest in await pool.rows(
        "select business_date::text, name, sha256 from day_files"
    ):
        content = (tmp_path / "files" / day / name).read_bytes()
        assert sha256(content).hexdigest() == digest
    await the_clock_is_gone(pool)
    with pytest.raises(NotFreshError):
        await made(database, tmp_path, 3)
    pool.close()


async def every_figure_agrees(url: str, days: list[date]) -> None:
    """R01 = the sum of R02 = what the journal posted; every outlet's part together, too."""
    make, pool = making(url)
    owner = Pool(url)
    for day in days:
        question = Question(Period(day, day), by="day")
        summary = await make.begin(REPORTS["R01"], question, chinese=False, made_by="test")
        rows = await make.whole(summary)
        assert summary.adds_up
        net = rows[0].cells[[one.code for one in summary.columns].index("net")]
        detail = await make.begin(
            REPORTS["R02"], Question(Period(day, day)), chinese=False, made_by="test"
        )
        lines = await make.whole(detail)
        place = [one.code for one in detail.columns].index("counted")
        counted = [line.cells[place] for line in lines]
        assert net == sum(one for one in counted if isinstance(one, int))
        if day != days[-1]:
            posted = "select sum(signed_minor)::bigint from postings where business_date = %s"
            assert net == await owner.value(posted, (day,))
    owner.close()
    pool.close()


async def every_book_agrees(pool: Pool, directory: Path) -> None:
    """What the acquirers' books count is what the journal counts, merchant by merchant."""
    sums: dict[tuple[str, str], int] = {}
    for file in sorted(directory.iterdir()):  # noqa: ASYNC240  # a test's own files
        book = Book()
        for row in read_rows(file, HOST_ROWS):
            book.apply(row)
        for key, minor in book.settled().items():
            sums[key] = sums.get(key, 0) + minor
    journal = {(mid, code): minor for mid, code, minor in await pool.rows(NET) if minor}
    assert {key: minor for key, minor in sums.items() if minor} == journal


async def the_clock_is_gone(pool: Pool) -> None:
    assert await pool.value("select count(*) from pg_namespace where nspname = 'past'") == 0
    assert await pool.value("select count(*) from pg_trigger where tgname like 'past%%'") == 0
    defaults = await pool.rows(
        "select distinct pg_get_expr(adbin, adrelid) from pg_attrdef d join pg_attribute a"
        " on a.attrelid = d.adrelid and a.attnum = d.adnum"
        " where a.atttypid = 'timestamptz'::regtype"
    )
    assert defaults == [("now()",)]


async def test_the_same_seed_gives_the_same_history(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    found = []
    for number, seed in enumerate((5, 5, 6)):
        url = new_database()
        result = await made(url, tmp_path / str(number), 1, seed)
        pool = Pool(url)
        found.append((result, await pool.value(FIGURES)))
        pool.close()
    assert found[0] == found[1] != found[2]


async def test_a_demo_opens_on_its_whole_set(database: str, tmp_path: Path) -> None:
    """Merchants, outlets, terminals in every state, people of every role, one open decision."""
    await made(database, tmp_path, 2)
    pool = Pool(database)
    rows = await pool.rows(
        "select b.mid, b.tid, o.name, b.until is null from terminal_bindings b"
        " join outlets o on o.id = b.outlet"
    )
    assert {(mid, tid): (name, stands) for mid, tid, name, stands in rows} == {
        (place.mid, place.tid): (place.outlet.name, place.fate is not Fate.RETIRED)
        for place in town()
    }
    office = make_office(database, KEY, Effects(lambda: NOW), mode="demo")
    await demo_people.make(office, Seal(KEY))
    assert await demo_approval.make(office) is not None
    counts = (await pool.rows(SET))[0]
    assert counts == (3, 12, 20, 60, 1, 1, 6, 6, 1)
    admin = await person(office, Role.PLATFORM_ADMIN)
    states = {}
    for state in ("online", "idle", "offline", "inventory", "suspended"):
        path = f"/v1/terminals?state={state}&include=total"
        states[state] = (await admin.get(path)).json["total"]["count"]
    assert all(states.values()), states
    assert sum(states.values()) == 60
    for state in ("approved", "declined", "voided", "reversed"):
        assert (await admin.get(f"/v1/payments?state={state}")).json["data"], state
    pool.close()
    office.pool.close()
