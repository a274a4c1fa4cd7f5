"""Each report as page, API, command line and file: the same rows and, added up, the same sums.

Files are read by other libraries (csv, openpyxl, pypdf), in both languages.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.reports.catalogue import REPORTS
from tests.cli.test_report import ran
from tests.console.browser import Browser, furnished, person
from tests.reports.day import OLDER, close_day, open_day, worked_example
from tests.store.house import TIDS, transaction, worker

Answer = dict[str, Any]  # Any: the report as JSON


def plain(text: str) -> str:
    """Return a text as people read it with amounts as programs write them."""
    return text.replace(",", "").replace("\N{MINUS SIGN}", "-")


async def told(browser: Browser, code: str, language: str) -> Answer:
    path = f"/v1/reports/{code}/result?period=7d"
    answer = await browser.ask("GET", path, b"", {"accept-language": language})
    assert answer.status == 200, answer.text
    found: Answer = answer.json
    return found


def sums(report: Answer) -> dict[str, int]:
    """Return what the rows of the API add up to, by the title of each column of money or counts."""
    found = {}
    for column in report["columns"]:
        cells = [row[column["code"]] for row in report["rows"]]
        if column["kind"] == "money":
            found[column["title"]] = sum(one["amount"] for one in cells if one)
        elif column["kind"] == "count":
            found[column["title"]] = sum(one for one in cells if one is not None)
    return found


def added(head: Sequence[str], lines: Iterable[Sequence[object]], like: Answer) -> dict[str, int]:
    """Return the same of the lines of a file; amounts are decimal there."""
    found = {}
    lines = list(lines)
    for column in like["columns"]:
        if column["kind"] not in {"money", "count"}:
            continue
        place = list(head).index(column["title"])
        shift = 100 if column["kind"] == "money" else 1
        cells = [str(line[place] or "—").replace(",", "") for line in lines]
        found[column["title"]] = sum(round(float(one) * shift) for one in cells if one != "—")
    return found


async def file(browser: Browser, code: str, layout: str) -> bytes:
    answer = await browser.get(f"/reports/{code}/file?period=7d&format={layout}")
    assert answer.status == 200, (code, layout, answer.text[:200])
    return answer.body


async def every_file_says(browser: Browser, code: str, expected: Answer) -> None:
    lines = list(csv.reader(io.StringIO((await file(browser, code, "csv")).decode("utf-8-sig"))))
    assert len(lines) - 1 == expected["rows_total"]
    assert added(lines[0], lines[1:], expected) == sums(expected)
    book = openpyxl.load_workbook(io.BytesIO(await file(browser, code, "xlsx")))
    sheet = list(book.worksheets[0].iter_rows(values_only=True))
    head = [str(cell) for cell in sheet[0]]
    body = sheet[1 : 1 + expected["rows_total"]]
    assert added(head, body, expected) == sums(expected)
    manifest = {str(a): str(b) for a, b in book["Manifest"].iter_rows(max_col=2, values_only=True)}
    assert manifest["rows"] == str(expected["rows_total"])
    assert manifest["sha256"] == expected["manifest"]["sha256"]
    pages = [
        page.extract_text()
        for page in PdfReader(io.BytesIO(await file(browser, code, "pdf"))).pages
    ]
    text = plain("\n".join(pages))
    for column in expected["columns"]:
        assert column["title"] in text, (code, column["title"])
        for row in (*expected["rows"], *expected["totals"]):
            cell = row[column["code"]]
            if column["kind"] == "money" and cell:
                assert cell["text"] in text, (code, column["code"], cell)
    assert expected["manifest"]["sha256"] in pages[-1].replace("\n", "")


async def page_and_command_say(
    office: Office,
    browser: Browser,
    code: str,
    expected: Answer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = plain((await browser.get(f"/reports/{code}?period=7d")).text)
    for row in (*expected["rows"], *expected["totals"]):
        for column in expected["columns"]:
            cell = row[column["code"]]
            if column["kind"] == "money" and cell:
                assert cell["text"] in page, (code, column["code"], cell)
    for column in expected["columns"]:
        if column["formula"]:
            assert plain(column["formula"]) in unescape(page), (code, column["code"])
    language = browser.cookies["pointsman_language"]
    capsys.readouterr()
    assert await ran(office, code, "--period", "7d", "--language", language, "--json") == 0
    by_command = json.loads(capsys.readouterr().out)
    for name in ("columns", "rows", "totals"):
        assert by_command[name] == expected[name], (code, name)
    assert by_command["manifest"]["sha256"] == expected["manifest"]["sha256"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_report_is_the_same_on_page_in_api_command_and_files(
    database: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, tid=TIDS[1], amount=OLDER))
        await close_day(database, await open_day(database))
        await worked_example(house, older)
    admin = await person(office, Role.PLATFORM_ADMIN)
    admin.cookies["pointsman_language"] = language
    net = 0
    for code in REPORTS:
        expected = await told(admin, code, language)
        assert expected["rows"], code
        await every_file_says(admin, code, expected)
        await page_and_command_say(office, admin, code, expected, capsys)
        for name in ("net", "counted"):
            if code in {"R01", "R02", "R05"} and name in expected["totals"][0]:
                found = expected["totals"][0][name]["amount"]
                assert net in {0, found}, code
                net = found
    assert net == 634_849 + OLDER
