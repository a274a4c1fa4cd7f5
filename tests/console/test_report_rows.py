"""Behind every figure: its formula, and the transactions that it comes from, for each definition.

Generated from the catalogue: a report, a grouping or a measure that is added is tried here, too.
"""

import random
from collections.abc import Sequence
from typing import Any

from pointsman.console.rights import Role
from pointsman.reports.catalogue import REPORTS, STATISTICS, Definition, Source
from pointsman.reports.measures import MEASURES
from tests.console.browser import Browser, furnished, person
from tests.reports.day import OLDER, close_day, open_day, random_day, worked_example
from tests.store.house import TIDS, transaction, worker

Row = dict[str, Any]  # Any: a row as JSON
# What a measure is by the transactions behind it; `None`: told by other figures of its row.
FROM_ROWS = {
    "net": lambda rows: sum(counted(row) for row in rows),
    "gross": lambda rows: sum(counted(row) for row in rows if counted(row) > 0),
    "attempts": lambda rows: len(attempts(rows)),
    "approved": lambda rows: sum(approved(row) for row in attempts(rows)),
    "declined": lambda rows: sum(row["state"] == "declined" for row in attempts(rows)),
    "refunds": lambda rows: -sum(counted(row) for row in rows if row["kind"] == "refund"),
    "voids": lambda rows: -sum(counted(row) for row in rows if row["kind"] == "void"),
    "sales": lambda rows: sum(counted(row) > 0 for row in rows),
    "approval": None,
    "answer": None,
    "success": None,
    "first_attempt": None,
    "intent_success": None,
    "ticket": None,
    "unknown": None,
    "failed": None,
    "refused": None,
    "fees": None,
    "effective": None,
    "net_settlement": None,
}
_TRIED = {"approved", "voided", "refunded", "part_refunded", "reversed", "reversing"}


def counted(row: Row) -> int:
    return int(row["counted"]["amount"])


def attempts(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] == "sale"]


def approved(row: Row) -> bool:
    """Say whether it was approved at first, whatever became of it."""
    return row["state"] in _TRIED and row["answer_code"] == "00"


def plain(value: object) -> object:
    return value["amount"] if isinstance(value, dict) else value


async def told(browser: Browser, path: str) -> Row:
    answer = await browser.get(path)
    assert answer.status == 200, (path, answer.text[:300])
    found: Row = answer.json
    assert not found["truncated"]
    return found


async def the_rows_behind_say_the_same(browser: Browser, one: Definition, path: str) -> int:
    """Follow every row to its transactions; return how many figures were compared."""
    found, compared = await told(browser, path), 0
    assert found["rows"], path
    figures = [c for c in found["columns"] if c["code"] in MEASURES]
    assert [c["code"] for c in figures] == list(one.measures), "every measure is a column"
    for column in figures:
        assert column["formula"], (path, column["code"])
        empty = all(row[column["code"]] is None for row in found["rows"])
        assert not empty or column["missing"], (path, column["code"], "a dash has its reason")
    for row in (*found["rows"], *found["totals"]):
        key = {"from": found["from"], "to": found["to"], **row["behind"]}
        query = "&".join(f"{name}={value}" for name, value in key.items())
        behind = (await told(browser, f"/v1/reports/R02/result?{query}"))["rows"]
        for code in one.measures:
            expected = FROM_ROWS[code]
            if expected is not None:
                assert plain(row[code]) == expected(behind), (path, row, code)
                compared += 1
    return compared


async def test_every_figure_has_its_formula_and_its_transactions(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, tid=TIDS[1], amount=OLDER))
        await worked_example(house, older)
        await random_day(house, random.Random(8), 100, 40)
    admin = await person(office, Role.PLATFORM_ADMIN)
    paths = [
        (one, f"/v1/reports/{one.code}/result?period=7d&by={by}")
        for one in REPORTS.values()
        for by in one.groupings
    ]
    paths += [(STATISTICS, f"/v1/statistics?period=7d&by={by}") for by in STATISTICS.groupings]
    for one, path in paths:
        assert await the_rows_behind_say_the_same(admin, one, path) > 0, path
    await close_day(database, await open_day(database))
    for one, path in (paths[0], paths[-1]):
        assert await the_rows_behind_say_the_same(admin, one, path) > 0, path


async def test_every_line_leads_to_its_payment_and_reasons_to_their_declines(
    database: str,
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, tid=TIDS[1], amount=OLDER))
        await worked_example(house, older)
    admin = await person(office, Role.PLATFORM_ADMIN)
    for one in REPORTS.values():
        if one.source is Source.SUMS:
            continue
        found = await told(admin, f"/v1/reports/{one.code}/result?period=today")
        assert found["rows"], one.code
        for row in found["rows"]:
            if one.source is Source.REASONS:
                query = f"period=today&response_code={row['behind']['response_code']}"
                behind = (await told(admin, f"/v1/reports/R02/result?{query}"))["rows"]
                assert len([r for r in behind if r["state"] == "declined"]) == row["count"]
            else:
                answer = await admin.get(f"/v1/payments/{row['behind']['payment']}")
                assert answer.status == 200
                assert answer.json["id"] == row["id"]


def test_every_measure_has_a_formula_in_both_languages() -> None:
    for code, one in MEASURES.items():
        assert one.en, code
        assert not one.zh.isascii(), code
    used = {code for one in (*REPORTS.values(), STATISTICS) for code in one.measures}
    assert used <= set(FROM_ROWS), "a measure that is added says what it is by its transactions"
