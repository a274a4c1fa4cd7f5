"""Making reports: the worked example to the last unit, and random days where every way agrees."""

import random
from datetime import date
from fractions import Fraction

import pytest

from pointsman.reports.catalogue import REPORTS, STATISTICS
from pointsman.reports.making import Making, Run
from pointsman.reports.measures import MEASURES
from pointsman.reports.period import Period, Places, Question, question_of
from pointsman.reports.table import Cell
from pointsman.store.pool import Pool
from tests.reports.day import (
    OLDER,
    close_day,
    making,
    open_day,
    random_day,
    refund,
    reverse,
    undone,
    worked_example,
)
from tests.store.house import MID, TIDS, import_site, transaction, worker


async def made(make: Making, code: str, day: date, **more: object) -> tuple[Run, list[list[Cell]]]:
    definition = REPORTS[code]
    by = definition.groupings[0] if definition.groupings else ""
    question = Question(Period(day, day), by=by, **more)  # type: ignore[arg-type]  # of a test
    run = await make.begin(definition, question, chinese=False, made_by="test")
    rows = await make.whole(run)
    return run, [list(row.cells) for row in rows]


def column(run: Run, rows: list[list[Cell]], code: str) -> list[Cell]:
    place = [one.code for one in run.columns].index(code)
    return [row[place] for row in rows]


@pytest.mark.parametrize("closed", [False, True])
async def test_the_worked_example_comes_out_to_the_last_unit(database: str, closed: bool) -> None:
    await import_site(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, amount=OLDER, tid=TIDS[1]))
        await close_day(database, await open_day(database))
        day = await open_day(database)
        await worked_example(house, older)
        if closed:
            await close_day(database, day)
    make, pool = making(database)
    sums = (await make.sums(Question(Period(day, day))))["CNY", ()]
    assert sums.adds_up
    assert {code: MEASURES[code].value(sums) for code in EXPECTED} == EXPECTED
    run, rows = await made(make, "R01", day)
    assert column(run, rows, "net") == [634_849]
    assert column(run, rows, "fees") == [None]
    assert run.final is closed
    again, _ = await made(make, "R01", day)
    assert again.manifest().sha256 == run.manifest().sha256
    assert run.manifest().totals["CNY"]["net"] == "6348.49"
    pool.close()


EXPECTED = {
    "gross": 642_849,
    "voids": 5000,
    "refunds": 3000,
    "net": 634_849,
    "sales": 6,
    "ticket": Fraction(642_849, 6),
    "attempts": 8,
    "approval": Fraction(6, 7),
    "answer": Fraction(7, 8),
    "success": Fraction(6, 8),
    "first_attempt": Fraction(5, 7),
    "intent_success": Fraction(6, 7),
}


@pytest.mark.parametrize("seed", range(4))
async def test_summary_detail_journal_and_each_grouping_agree_on_random_days(
    database: str, seed: int
) -> None:
    await import_site(database)
    chance = random.Random(seed)
    first = await open_day(database)
    make, pool = making(database)
    async with worker(database) as house:
        older = [await house.approve(transaction(n, amount=9000 + n)) for n in range(1, 4)]
        await random_day(house, chance, 100, 25)
        before = await net_of(make, first)
        await close_day(database, first)
        assert await net_of(make, first) == before, "what was provisional is what was posted"
        second = await open_day(database)
        await reverse(house, older[0])  # posted yesterday, taken back today
        await refund(house, older[1], 90, 400)
        await random_day(house, chance, 200, 25)
        assert await net_of(make, first) == before, "a closed day never moves"
        await net_of(make, second)
        await close_day(database, second)
    journal = Pool(database)
    for day in (first, second):
        posted = await journal.value(
            "select sum(signed_minor)::bigint from postings where business_date = %s", (day,)
        )
        assert await net_of(make, day) == posted
    assert await journal.value("select count(*) from figured_days") == 2
    journal.close()
    both = Question(Period(first, second))
    whole = (await make.sums(both))["CNY", ()]
    for by in ("day", "weekday-hour", "method-brand", "terminal", "acquirer", "response_code"):
        parts = (await make.sums(both, by)).values()
        assert sum(one.net_minor for one in parts) == whole.net_minor, by
        assert sum(one.attempts for one in parts) == whole.attempts, by
    pool.close()


async def net_of(make: Making, day: date) -> Cell:
    """Return a day's net, which the summary and the detail tell alike."""
    summary, rows = await made(make, "R01", day)
    detail, lines = await made(make, "R02", day)
    counted = column(detail, lines, "counted")
    assert len(set(column(detail, lines, "id"))) == len(lines)
    (net,) = column(summary, rows, "net")
    assert sum(cell for cell in counted if isinstance(cell, int)) == net
    assert summary.adds_up
    back, taken = await made(make, "R12", day)
    approved_back = [
        cell for cell in column(back, taken, "counted") if isinstance(cell, int) and cell
    ]
    (voids,), (refunds,) = column(summary, rows, "voids"), column(summary, rows, "refunds")
    assert isinstance(voids, int)
    assert isinstance(refunds, int)
    assert -sum(approved_back) == voids + refunds
    return net


@pytest.mark.parametrize(
    ("code", "by"),
    [("R01", "day"), ("R01", "week"), ("R01", "month"), ("R01", "merchant"), ("R05", "outlet"),
     ("R05", "terminal"), ("STAT", "hour"), ("STAT", "weekday"), ("STAT", "method"),
     ("STAT", "brand"), ("STAT", "acquirer")],
)  # fmt: skip
async def test_the_lines_behind_a_row_add_up_to_it(database: str, code: str, by: str) -> None:
    await import_site(database)
    owner = Pool(database)
    outlet = "insert into outlets (id, mid, name, city, address) values ('o', %s, 'Bund', '', '')"
    await owner.rows(outlet, (MID,))
    place = "select place_terminal(%s, %s, 'o', '', now() - interval '1 day')"
    await owner.rows(place, (MID, TIDS[0]))
    owner.close()
    async with worker(database) as house:
        await random_day(house, random.Random(7), 1, 25)
        day = await open_day(database)
    make, pool = making(database)
    definition = STATISTICS if code == "STAT" else REPORTS[code]
    begin = date.fromordinal(day.toordinal() - 2)
    question = Question(Period(begin, day), by=by)
    run = await make.begin(definition, question, chinese=False, made_by="test")
    place_of_net = [one.code for one in run.columns].index("net")
    for row in await make.whole(run):
        given = dict(row.key)
        asked = bytes.fromhex(given.pop("outlet")) if "outlet" in given else None
        given = {"from": begin.isoformat(), "to": day.isoformat(), **given}
        behind = question_of(given, today=day, mids=None, places=Places(asked=asked))
        detail = await make.begin(REPORTS["R02"], behind, chinese=False, made_by="test")
        counted = column(detail, [list(one.cells) for one in await make.whole(detail)], "counted")
        if by == "outlet" and asked is None:
            continue  # terminals in no outlet are told together, and have no filter
        assert sum(one for one in counted if isinstance(one, int)) == row.cells[place_of_net]
    pool.close()


async def test_what_was_told_first_counts_when_the_acquirer_took_it(database: str) -> None:
    await import_site(database)
    make, pool = making(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=500))
        t = transaction(2, kind="offline", amount=7000, reversible=False)
        await house.approve(t)
        owe = "insert into owed (id, kind, acquirer, session, state, reason)"
        await house.pool.rows(owe + " values (%s, 'advice', 'alpha', 0, 'due', 'told')", (t.id,))
        first = await open_day(database)
        assert await net_of(make, first) == 500
        await close_day(database, first)
        assert await net_of(make, first) == 500
        second = await open_day(database)
        await house.approve(transaction(3, amount=30))
        assert await net_of(make, second) == 30
        await undone(house, t)  # the acquirer acknowledges it
        assert await net_of(make, second) == 7030
        await close_day(database, second)
        assert await net_of(make, second) == 7030
    pool.close()


async def test_a_report_tells_only_of_its_merchants(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
        day = await open_day(database)
    make, pool = making(database)
    for code in REPORTS:
        _, rows = await made(make, code, day, mids=("898100053319999",))
        assert rows == [], code
    _, rows = await made(make, "R05", day, mids=(MID,))
    assert len(rows) == 1
    pool.close()
