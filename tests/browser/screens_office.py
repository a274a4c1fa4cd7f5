"""The screens of reports, people and the platform: S60, S61, S80 to S84, S93, S94."""

import json
import re
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

from pointsman.console.rights import RIGHTS
from pointsman.reports.catalogue import REPORTS
from tests.browser.walking import Page, Screen, Walked, go, rows


def _catalogue(walked: Walked, page: Page) -> None:
    codes = page.locator(".rows-list .mono").all_inner_texts()
    assert sorted(codes) == sorted(REPORTS)
    page.locator("main a", has_text="Daily summary").click()
    page.wait_for_url("**/reports/R01*")


def _report(walked: Walked, page: Page) -> None:
    page.select_option("select[name=period]", "7d")
    page.locator("main form button", has_text="Show").click()
    page.wait_for_url("**period=7d*")
    page.locator("h1", has_text="Daily summary").wait_for()
    titles = [one.split("\n")[0] for one in page.locator("thead th").all_inner_texts()]
    place = titles.index("Net")
    shown = {
        row.locator("a").first.inner_text(): row.locator("td").nth(place).inner_text()
        for row in page.locator("#list tbody tr").all()
    }
    days = walked.sql("select array_agg(distinct business_date::text) from postings")
    for day in days:
        minor = walked.sql("select sum(signed_minor) from postings where business_date = %s", day)
        text = shown[day].replace(",", "").replace("\N{MINUS SIGN}", "-")
        assert Decimal(text) * 100 == minor
    with page.expect_download() as download:
        page.locator("a[download]", has_text="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    page.locator("#list tbody a").first.click()
    page.wait_for_url("**/reports/R02?*")


def _runs(walked: Walked, page: Page) -> None:
    assert page.locator("h1").inner_text() == "Runs"
    shown = rows(page)
    assert shown == walked.sql("select count(*) from report_runs")


def _reconciliations(walked: Walked, page: Page) -> None:
    assert walked.sql("select count(*) from reconciliations") == rows(page) == 0
    page.locator(".empty h2", has_text="Nothing was reconciled so far").wait_for()
    page.select_option("select[name=state]", "differs")
    page.locator("main form button", has_text="Filter").click()
    page.locator(".empty h2", has_text="Nothing matches these filters").wait_for()


def _statistics(walked: Walked, page: Page) -> None:
    page.select_option("select[name=by]", "terminal")
    page.select_option("select[name=period]", "7d")
    page.locator("main form button", has_text="Show").click()
    page.wait_for_url("**by=terminal*")
    query = "select count(distinct tid) from transactions"
    assert rows(page) == walked.sql(query)


def _users(walked: Walked, page: Page) -> None:
    assert rows(page) == walked.sql("select count(*) from users")
    page.locator("summary", has_text="Invite a person").click()
    page.fill("main input[name=login]", "nina.new")
    page.select_option("main select[name=role]", "operator")
    page.locator("main form button", has_text="Invite").click()
    assert "/welcome/" in page.locator("#link").inner_text()
    query = "select count(*) from one_time_links where login = 'nina.new' and used_at is null"
    assert walked.sql(query) == 1
    page.locator("main a", has_text="Links that were made").click()
    page.wait_for_url("**/outbox")
    assert rows(page) == walked.sql("select count(*) from outbox")
    page.locator("#list tbody tr", has_text="nina.new").locator("button").click()
    assert "/welcome/" in page.locator("#link").inner_text()


def _roles(walked: Walked, page: Page) -> None:
    assert page.locator("#list .tag").count() == sum(len(held) for held in RIGHTS.values())
    page.locator("main p a", has_text="Users").click()
    page.wait_for_url("**/users")


def _audit(walked: Walked, page: Page) -> None:
    newest = int(page.locator("#list tbody td.num").first.inner_text())
    assert newest == walked.sql("select max(sequence) from audit_events")
    page.locator("button", has_text="Verify the chain").click()
    page.locator("[role=status]", has_text="whole").wait_for()


def _approvals(walked: Walked, page: Page) -> None:
    assert rows(page) == walked.sql("select count(*) from approvals")
    row = page.locator("#list tbody tr", has=page.locator("button[value=approve]"))
    minor = walked.sql("select (summary->'amount'->>'amount')::bigint from approvals")
    assert f"{minor / 100:,.2f}" in row.inner_text()
    row.locator("button[value=approve]").click()
    page.locator("#list tbody tr", has_text="Approved").wait_for()
    assert walked.sql("select array_agg(state) from approvals") == ["approved"]
    assert walked.sql("select state from refunds where approval is not null") == "ordered"


def _keys(walked: Walked, page: Page) -> None:
    page.locator("summary", has_text="Make a key").click()
    page.fill("#f-name", "till")
    page.select_option("#f-role", "operator")
    assert page.locator("input[name='right:transactions:view']").is_checked()
    page.locator("main form button.main").click()
    key = page.locator("#key").inner_text()
    assert _asked(walked, key)["total"]["count"] == walked.sql("select count(*) from transactions")
    assert rows(page) == walked.sql("select count(*) from api_keys")
    page.locator("#list button", has_text="Revoke").click()
    page.locator("#list tbody tr", has_text="Closed").wait_for()
    assert _asked(walked, key)["code"] == "unauthenticated"


def _asked(walked: Walked, key: str) -> Any:  # JSON
    """Ask the API as a machine does."""
    address = walked.console.address + "/v1/payments?limit=1&include=total"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)


def _profile(walked: Walked, page: Page) -> None:
    page.locator("[popovertarget=account]").click()
    page.locator("#account a").click()
    page.wait_for_url("**/profile")
    query = (
        "select count(*) from sessions s join users u on u.id = s.user_id where u.login = 'second'"
    )
    assert page.locator("#sessions li").count() == walked.sql(query)
    page.locator("#looks a[lang='zh-CN']").click()
    page.wait_for_url("**/profile")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.locator("[data-theme-set=dark]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.locator("#looks a[lang='en']").click()
    page.locator("html[lang=en]").wait_for()


def _palette(walked: Walked, page: Page) -> None:
    page.keyboard.press("Control+k")
    page.fill("#go", "settle")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settlement")
    go(page, "Overview")
    assert page.locator("h1", has_text=re.compile("Overview")).count() == 1


def _scope(walked: Walked, page: Page) -> None:
    page.locator("a.scopelink").click()
    page.wait_for_url("**/scope?**")
    assert rows(page) == walked.sql("select count(*) from merchants")
    page.locator("#list button", has_text="Tea").click()
    page.locator("a.scopelink b").wait_for()
    assert page.locator("h1").inner_text() == "Settlement"
    assert rows(page) == walked.sql("select count(*) from business_days")
    assert page.locator("thead th", has_text="Postings").count() == 1
    page.locator("a.scopelink").click()
    page.locator("button", has_text="All that I may see").click()
    page.wait_for_url("**/settlement")
    assert page.locator("a.scopelink b").count() == 0


SCREENS = (
    Screen("S60", ("/reports",), "operator", ("Reports",), _catalogue),
    Screen("S61", ("/reports/{report}",), "owner", ("Reports", "Daily summary"), _report),
    Screen("S53", ("/reconciliations",), "operator", ("Reconciliation",), _reconciliations),
    Screen("S61 runs", ("/report_runs",), "operator", ("Reports", "Runs"), _runs),
    Screen("S61 statistics", ("/statistics",), "operator", ("Statistics",), _statistics),
    Screen("S80", ("/users", "/users/{user_id}", "/outbox"), "admin", ("Users",), _users),
    Screen("S81", ("/roles",), "admin", ("Roles",), _roles),
    Screen("S82", ("/audit",), "admin", ("Audit trail",), _audit),
    Screen("S83", ("/approvals",), "owner", ("Approvals",), _approvals),
    Screen("S84", ("/keys",), "admin", ("API keys",), _keys),
    Screen("S93", ("/profile",), "second", ("Overview",), _profile),
    Screen("scope", ("/scope",), "operator", ("Settlement",), _scope),
    Screen("S94", ("/",), "operator", ("Overview",), _palette),
)
