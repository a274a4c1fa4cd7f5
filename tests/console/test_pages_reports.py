"""The pages of reports: whole in both languages, figures of the page are those of the API."""

import re
from html import unescape
from urllib.parse import parse_qs

import pytest

from pointsman.console.rights import Role
from pointsman.reports.catalogue import REPORTS, STATISTICS
from tests.console.browser import furnished, person
from tests.reports.day import OLDER, worked_example
from tests.store.house import MID, TIDS, transaction, worker


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_every_page_of_reports_is_whole_in_its_language(database: str, language: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, tid=TIDS[1], amount=OLDER))
        await worked_example(house, older)
    admin = await person(office, Role.PLATFORM_ADMIN)
    admin.cookies["pointsman_language"] = language
    paths = ["/reports", "/statistics", "/statistics?by=hour&period=today", "/report_runs"]
    paths += [f"/statistics?by={by}&period=7d" for by in STATISTICS.groupings]
    for code, one in REPORTS.items():
        paths.append(f"/reports/{code}?period=today")
        paths += [f"/reports/{code}?by={by}&compare=before" for by in one.groupings]
    for path in paths:
        page = await admin.get(path)
        assert page.status == 200, path
        assert f'lang="{language}"' in page.text
        assert "style=" not in page.text
        assert "<script>" not in page.text
    empty = await admin.get("/reports/R01?from=2025-01-01&to=2025-01-02")
    assert ("本期间没有交易" if language == "zh-CN" else "Nothing was sold") in empty.text
    files = await admin.get("/reports/R01/file?period=today&format=pdf")
    assert files.body.startswith(b"%PDF")


async def test_the_viewer_shows_the_figures_and_leads_to_their_rows(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        for stan in (1, 2, 3):
            await house.approve(transaction(stan, amount=100_000))
    admin = await person(office, Role.PLATFORM_ADMIN)
    text = (await admin.get("/reports/R01?period=today")).text
    assert "3,000.00" in text
    assert 'href="/reports/R02?' in text
    mine = (await admin.get(f"/reports/R04?period=today&mid={MID}&by=brand&method=chip")).text
    everything = re.findall(r'<a href="/reports/R02\?([^"]*)">CNY total</a>', mine)
    asked = parse_qs(unescape(everything[0]))
    assert (asked["mid"], asked["method"]) == ([MID], ["chip"])
    assert set(re.findall(r'/reports/R02\?([^"]*)">Rows behind it', mine)) == set(everything)
    assert "fees are not part of this version" in text
    detail = (await admin.get("/reports/R02?period=today")).text
    assert detail.count('href="/payments/pay_') == 3
    assert "in every row" in text
    assert "in every row" not in (await admin.get("/reports/R08?period=today")).text
    hours = (await admin.get("/reports/R03?period=today")).text
    assert re.findall(r'<td class="h5" title="[^"]*: (\d+)"', hours) == ["3"]


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("en", "Net before, Change: a date is in one period alone"),
        ("zh-CN", "上期净交易额、环比：一个日期只属于一个期间"),
    ],
)
async def test_a_dash_of_every_row_has_its_reason_below(
    database: str, language: str, why: str
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
    admin = await person(office, Role.PLATFORM_ADMIN)
    admin.cookies["pointsman_language"] = language
    for page in ("/statistics", "/reports/R01"):
        by_day = (await admin.get(f"{page}?by=day&period=7d&compare=before")).text
        assert why in by_day, page
        by_merchant = (await admin.get(f"{page}?by=merchant&period=7d&compare=before")).text
        assert why not in by_merchant, page


async def test_a_form_with_a_period_and_two_days_means_the_period(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    days = "from=2025-01-01&to=2025-01-02"
    for path in ("/reports/R01", "/statistics"):
        both = await admin.get(f"{path}?period=7d&{days}&by=day&mid=")
        assert both.status == 200
        assert 'value="2025-01-01"' not in both.text
        assert 'value="2025-01-01"' in (await admin.get(f"{path}?period=&{days}")).text
    answer = await admin.get(f"/v1/reports/R01/result?period=7d&{days}")
    assert answer.status == 422
