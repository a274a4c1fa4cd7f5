"""A real browser on every built screen, in both languages and both themes."""

import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pointsman.console.demo_people import ACCOUNTS, PASSWORD
from pointsman.console.looks import navigation
from pointsman.console.rights import Grant, Role, Scope
from tests.browser.walking import Console
from tests.store.house import MID

PAGES = (
    *("/", "/live", "/payments", "/payments?state=declined", "/batches", "/merchants"),
    *(f"/merchants/{MID}", "/terminals", "/links", "/settlement", "/reports", "/report_runs"),
    *("/reports/R01?period=7d&compare=before", "/reports/R02", "/reports/R03", "/reports/R04"),
    *("/reports/R05", "/reports/R08", "/reports/R09", "/reports/R12", "/users", "/audit"),
    *("/statistics?by=terminal", "/statistics?by=day", "/payments?q=nothing", "/merchants/new"),
    *("/profile", "/roles", "/exceptions", "/approvals", "/applications", "/keys", "/outbox"),
    *("/blacklist", "/acquirers", f"/merchants/{MID}/limits"),
    *("/reconciliations", "/scope", "/merchants?city=Nowhere", "/audit?act%5Bprefix%5D=own"),
)
CARD = re.compile(r"(?<!\d)\d{13,19}(?!\d)")
TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32,}(?![0-9a-f])")  # of a form, or a hash: drawn digits
AXE = os.environ.get("AXE_SCRIPT", "")
SHOTS = os.environ.get("POINTSMAN_SCREENSHOTS", "")

Page = Any  # playwright may not be installed where types are checked


def signed_in(chromium: Any, console: Console, login: str = "admin", **more: object) -> Page:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, **more)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append((page.url, message.text)))
    page.on("pageerror", lambda error: page.said.append((page.url, str(error))))
    page.goto(console.address + "/payments?state=declined")
    assert "/sign-in" in page.url
    code = page.locator("section dd.mono").nth(1).inner_text()
    page.fill("#u", login)
    page.fill("#p", PASSWORD)
    page.fill("#o", code)
    page.click("main form button.main")
    page.wait_for_load_state()
    return page


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen_is_whole_accessible_and_holds_no_card(
    chromium: Any,
    console: Console,
    language: str,
    theme: str,
) -> None:
    page = signed_in(chromium, console)
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": console.address}
            for name, value in (("pointsman_language", language), ("pointsman_theme", theme))
        ]
    )
    payment = page.request.get(console.address + "/v1/payments").json()["data"][0]["id"]
    for number, path in enumerate((*PAGES, f"/payments/{payment}")):
        answer = page.goto(console.address + path)
        assert answer.status == 200, path
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1, path
        content = TOKEN.sub("", page.content())
        assert not [run for run in CARD.findall(content) if _luhn(run)], path
        if AXE:
            _accessible(page, path)
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{number:02d}-{language}-{theme}.png"))
        page.set_viewport_size({"width": 320, "height": 800})
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{path} scrolls sideways by {over} at 320 px"
        page.set_viewport_size({"width": 1280, "height": 900})
    assert page.said == []
    page.context.close()


def _accessible(page: Page, path: str) -> None:
    # As an extension would: a script of the page itself could not pass its policy.
    page.evaluate(Path(AXE).read_text("utf-8") + "; undefined")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert grave == [], path


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    looks_like_one = digits[0] in "3456" and len(digits) <= 19
    return looks_like_one and sum(v - 9 if v > 9 else v for v in doubled) % 10 == 0


def test_each_role_sees_the_menu_of_its_rights_and_comes_back_to_its_address(
    chromium: Any,
    console: Console,
) -> None:
    for account in ACCOUNTS:
        page = signed_in(chromium, console, account.login)
        assert page.url == console.address + "/payments?state=declined"
        platform = account.role in {Role.PLATFORM_ADMIN, Role.OPERATOR, Role.RISK}
        scope = Scope.PLATFORM if platform else Scope.MERCHANT
        grant = Grant(account.role, scope, "" if platform else MID)
        wanted = [place.path for places in navigation([grant]).values() for place in places]
        links = page.locator("nav#nav a")
        assert [links.nth(n).get_attribute("href") for n in range(links.count())] == wanted
        if account.role is Role.MERCHANT_STAFF:
            assert page.goto(console.address + "/audit").status == 403
        page.context.close()


def test_keys_palette_search_and_help(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/payments")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('tr[data-row]:nth-child(2)')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/payments/pay_*")
    page.keyboard.press("Control+k")
    page.keyboard.type("daily")
    assert page.locator("#palette li:visible").count() == 0
    page.fill("#go", "stat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statistics")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.wait_for_function("!document.querySelector('dialog[open]')")
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.matches('#q, #find')")
    page.keyboard.type("gt?jk")  # letters are letters while one types
    assert page.evaluate("document.activeElement.value") == "gt?jk"
    assert page.url.endswith("/statistics")
    page.fill("#find", "1,234.50")
    page.keyboard.press("Enter")
    page.wait_for_url("**/payments?q=*")
    assert page.locator("tbody tr").count() == 1
    page.context.close()


def test_figures_of_the_page_are_those_of_sql_and_files_have_every_row(
    chromium: Any,
    console: Console,
) -> None:
    with psycopg.connect(console.database) as database:
        rows = database.execute(
            "select business_date::text, sum(signed_minor) from postings group by 1"
        ).fetchall()
        lines = database.execute("select count(*) from transactions").fetchone()
    page = signed_in(chromium, console)
    page.goto(console.address + "/reports/R01?period=7d")
    titles = [one.split("\n")[0] for one in page.locator("thead th").all_inner_texts()]
    place = titles.index("Net")
    shown = {
        row.locator("a").first.inner_text(): row.locator("td").nth(place).inner_text()
        for row in page.locator("tbody tr").all()
    }
    for day, minor in rows:
        text = shown[day].replace(",", "").replace("\N{MINUS SIGN}", "-")
        assert Decimal(text) * 100 == minor
    page.locator("thead button[popovertarget=f-net]").click()
    assert "gross" in page.locator("#f-net").inner_text()
    page.goto(console.address + "/payments")
    with page.expect_download() as download:
        page.locator("a[download]", has_text="CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert len(text.splitlines()) == 1 + (lines or (0,))[0]
    page.context.close()


def test_a_payment_appears_on_the_live_page(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    page.goto(console.address + "/live")
    page.wait_for_timeout(1500)
    with psycopg.connect(console.database) as database:
        database.execute(
            "select append_event(0, 'seen', id, '{}') from transactions where stan = '000900'"
        )
    page.locator("[data-live-count]", has_text=re.compile("[1-9]")).wait_for()
    first = page.locator("[data-live-rows] tr", has_text="1,234.50")
    assert first.count() == 1
    assert page.said == []
    page.context.close()


def test_print_has_no_frame_and_tells_what_it_is(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    page.goto(console.address + "/reports/R01?period=7d")
    page.emulate_media(media="print")
    assert not page.locator("nav#nav").is_visible()
    assert "Daily summary" in page.locator("p.print-only").inner_text()
    assert "DEMO" in page.locator("p.print-only").inner_text()
    page.context.close()


def test_a_session_that_sits_idle_is_asked_at_14_minutes_and_over_at_15(
    chromium: Any, console: Console
) -> None:
    page = signed_in(chromium, console)
    page.clock.install()
    page.goto(console.address + "/payments")
    assert page.locator("aside.band b").inner_text() == "DEMO"
    assert "No money moves." in page.locator("aside.band").inner_text()
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-bulk-count][role=status]").inner_text() == "1 selected"
    page.keyboard.press("x")
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.closest('[data-filters]') !== null")
    page.clock.fast_forward("13:50")
    page.wait_for_timeout(0)
    assert not page.locator("#idle").is_visible()
    page.clock.fast_forward("00:15")
    page.locator("#idle", has_text="You will be signed out in").wait_for()
    assert page.locator("[data-idle-text]").get_attribute("aria-live") == "assertive"
    page.locator("[data-idle-stay]").click()
    page.locator("#idle").wait_for(state="hidden")
    page.clock.fast_forward("15:01")
    page.locator("#idle", has_text="You were signed out.").wait_for()
    page.goto(console.address + "/statistics?by=hour&period=7d")
    assert page.locator("figure.chart").count() <= page.locator("#list table").count()
    page.context.close()
