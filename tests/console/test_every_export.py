"""Every list of the console as a file: its rows are the list's rows, its sums theirs.

Generated from the table of lists (console/listtable.py): a list that is added without an export, or
whose file says something else, fails here. Files are read by other libraries.
"""

import ast
import csv
import io
import random
from collections.abc import Sequence
from typing import Any

import openpyxl

from pointsman.console import export_columns
from pointsman.console.listtable import LOOKS
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.console.row import LISTS
from pointsman.reports.measures import Kind
from pointsman.reports.table import Column
from pointsman.store.pool import Pool
from tests.console.browser import OTHER_MID as OTHER
from tests.console.browser import Browser, furnished, person
from tests.reports.day import PATIENCE_S, close_day, open_day, random_day
from tests.store.house import MID, transaction, worker

NO_PAGES = {"refunds", "outlets", "jobs"}
"""Lists of the API alone: a payment, a merchant and an export show theirs."""
MOVING = {"age_s", "silent_s"}  # other in the next second
EVIL = ("=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1")
FORMULA = ("=", "+", "-", "@", "\t")
ROWS = """
insert into applications (id, name, mcc, city, country, currency, login, contact, address)
    select id, name, '5812', '上海', 'CN', '156', 'applicant-' || n, 'x@example.com', '' from evil;
insert into approvals (id, kind, object_id, mid, summary, asked_by, asked_name, reason)
    select e.id, 'refund', 'rfd_' || n, %(mid)s,
        '{"amount": {"amount": 1, "currency": "CNY", "text": "0.01"}}', u.id, e.name, ''
    from evil e, users u;
insert into api_keys (id, hash, hint, name, role, scope, mid, made_by, expires_at)
    select e.id, e.id, 'ak_test_' || n, e.name, 'merchant_staff', 'merchant', %(mid)s, u.id,
        now() + interval '1 day' from evil e, users u;
insert into one_time_links (hash, kind, user_id, totp_sealed, made_by, expires_at)
    select e.id, 'reset', u.id, '', 'admin', now() + interval '1 day' from evil e, users u;
insert into outbox (id, kind, recipient, link_hash, sealed, made_by)
    select id, 'reset', name, id, id, 'admin' from evil;
insert into exceptions (kind, mid, tid, batch, stan, expected_minor, found_minor)
    select 'late approval', %(mid)s, '00000001', '000001', lpad(n::text, 6, '0'), 0, 100 * n
    from evil;
insert into reconciliations (acquirer, settlement_date, currency, state)
    select 'alpha', current_date - n::int, '156', 'due' from evil;
insert into blacklist (token, code, masked) select id, '04', '622848****000' || n from evil;
insert into report_runs (id, report, format, parameters, made_by)
    select id, 'R01', 'csv', '{}', name from evil;
insert into merchants (mid, name, mcc, city, country, currency, active, tip_percent, strict_chip)
    select lpad(n::text, 15, '7'), name, '5812', '苏州', 'CN', '156', true, 0, false from evil
"""
_EVIL = """
create table evil as select name, n, decode(lpad(to_hex(n), 32, '0'), 'hex') as id
from unnest(%s::text[]) with ordinality e(name, n)
"""
Found = dict[str, Any]  # Any: a row as JSON


async def listed(browser: Browser, api: str) -> list[Found]:
    """Return every row of a list, page by page."""
    found: list[Found] = []
    after = ""
    while True:
        answer = await browser.get(f"/v1/{api}?limit=20{after}")
        assert answer.status == 200, (api, answer.text[:200])
        found += answer.json["data"]
        if answer.json["page"]["next"] is None:
            return found
        after = f"&after={answer.json['page']['next']}"


def value_at(found: Found, path: str) -> object:
    value: object = found
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def as_written(column: Column, value: object) -> str | None:
    """Return a value of the API as a file has it; None for what is put together there."""
    match column.kind, value:
        case _, None:
            return ""
        case Kind.MONEY, dict():
            return str(value["text"]).replace(",", "").replace("\N{MINUS SIGN}", "-")
        case Kind.MOMENT, _:
            return None
        case _, dict() | list():
            return None
        case _, str(text) if not column.words:
            return "'" + text if text.startswith(FORMULA) else text
        case _, int():
            return str(value)
        case _:
            return None


def says_the_same(
    head: Sequence[str], lines: Sequence[Sequence[str]], rows: Sequence[Found], name: str
) -> int:
    """Compare each cell that is one value; return how many were compared."""
    assert len(lines) == len(rows), name
    compared = 0
    for column in export_columns.columns(name):
        place = head.index(column.en)
        for line, row in zip(lines, rows, strict=True):
            value = value_at(row, column.code)
            wanted = as_written(column, value)
            if wanted is not None and column.code not in MOVING:
                assert line[place] == wanted, (name, column.code)
                compared += 1
            else:
                assert line[place] or not value, (name, column.code)
    return compared


def sums_of(rows: Sequence[Found], name: str) -> dict[str, int]:
    found = {}
    for column in export_columns.columns(name):
        if column.kind is Kind.MONEY:
            values = [value_at(row, column.code) for row in rows]
            found[column.code] = sum(one["amount"] for one in values if isinstance(one, dict))
    return found


async def filled(database: str) -> None:
    """Put rows into every list, with names that are formulas and names in Chinese."""
    owner = Pool(database, timeout_s=PATIENCE_S)
    await owner.rows(_EVIL, (list(EVIL),))
    for statement in ROWS.split(";"):
        await owner.rows(statement, {"mid": MID})
    owner.close()
    async with worker(database) as house:
        await house.approve(transaction(1, amount=4711))
        await random_day(house, random.Random(3), 10, 12)
    await close_day(database, await open_day(database))


async def test_the_file_of_every_list_has_its_rows_and_sums(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    await filled(database)
    for name, look in LOOKS.items():
        rows = await listed(admin, look.api)
        assert rows, f"{name}: nothing is listed here"
        file = await admin.get(f"/export/{name}?format=csv")
        assert file.status == 200, (name, file.text[:200])
        head, *lines = csv.reader(io.StringIO(file.body.decode("utf-8-sig"), newline=""))
        assert says_the_same(head, lines, rows, name) > len(rows), name
        book = openpyxl.load_workbook(
            io.BytesIO((await admin.get(f"/export/{name}?format=xlsx")).body)
        )
        manifest = {str(k): str(v) for k, v in book["Manifest"].iter_rows(values_only=True)}
        sheet = list(book.worksheets[0].iter_rows(values_only=True))
        more = name == "audit"  # the file before is in the trail
        assert manifest["rows"] == str(len(rows) + more), name
        totals = ast.literal_eval(manifest["control_totals"]).get("CNY", {})
        sums = sums_of(rows, name)
        assert bool(totals) == bool(sums) or not any(sums.values()), (name, totals)
        for column in export_columns.columns(name):
            if (minor := sums.get(column.code)) is None:
                continue
            place = head.index(column.en)
            assert sum(round(float(line[place] or 0) * 100) for line in lines) == minor
            cells = [line[sheet[0].index(column.en)] for line in sheet[1 : 1 + len(rows)]]
            assert sum(round(float(str(cell or 0)) * 100) for cell in cells) == minor
            assert totals.get(column.code, f"{minor / 100:.2f}") == f"{minor / 100:.2f}"
    assert set(LISTS) - {one.api for one in LOOKS.values()} == NO_PAGES
    await every_role_gets_what_it_may_list(office)


async def every_role_gets_what_it_may_list(office: Office) -> None:
    """The scope of an export is the scope of its list, for the own merchant and for another."""
    for role, mid in ((Role.RISK, ""), (Role.MERCHANT_OWNER, MID), (Role.MERCHANT_VIEWER, OTHER)):
        browser = await person(office, role, mid or MID)
        for name, look in LOOKS.items():
            answer = await browser.get(f"/v1/{look.api}?limit=1")
            file = await browser.get(f"/export/{name}?format=csv")
            assert file.status == answer.status, (role, name)
            if file.status != 200 or name == "audit":
                continue
            head, *lines = csv.reader(io.StringIO(file.body.decode("utf-8-sig"), newline=""))
            rows = await listed(browser, look.api)
            assert says_the_same(head, lines, rows, name) >= len(rows), (role, name)
            assert mid != OTHER or MID not in file.text, (role, name)
