"""Every screen that is named is reached by clicks from the sign-in, and acts once."""

import re
from pathlib import Path
from typing import Any

import psycopg

from tests.browser.test_pages import signed_in
from tests.browser.walking import Console
from tests.store.house import MID

Page = Any  # playwright may not be installed where types are checked


def through(page: Page, *words: str) -> None:
    """Press a link of the navigation, then those on the pages that follow."""
    page.locator("nav#nav a", has_text=re.compile(f"^{words[0]}$")).click()
    page.wait_for_load_state()
    for one in words[1:]:
        page.locator("main a", has_text=one).first.click()
        page.wait_for_load_state()


def test_watch_screens_are_reached_and_act(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    through(page, "Overview")  # S10
    page.locator("#hours table").wait_for()
    page.locator("#newest tbody a").first.click()  # S13
    page.wait_for_url("**/payments/pay_*")
    assert page.locator("#story li").count() >= 3
    through(page, "Transactions")  # S12
    page.select_option("select[name=state]", "declined")
    page.locator("main form button", has_text="Filter").click()
    page.wait_for_url("**state=declined*")
    page.locator("tbody a").first.click()
    assert page.locator("#why b").inner_text()  # why it was declined, in words
    page.locator(".only-diff").check()
    assert page.locator("#messages tr.same:visible").count() == 0
    through(page, "Batches")  # S16
    assert page.locator("tbody tr").count() >= 1
    through(page, "Exceptions")  # S15
    assert page.locator("h1").inner_text() == "Exceptions"
    through(page, "Live stream")  # S11
    page.locator("[data-live-pause]").click()
    assert page.locator("[data-live-pause]").get_attribute("aria-pressed") == "true"
    assert page.said == []
    page.context.close()


def test_a_refund_by_its_panel_moves_the_money_once(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console, "owner")
    page.fill("#find", "1,234.50")
    page.keyboard.press("Enter")
    page.wait_for_url("**/payments?q=*")
    page.locator("tbody a").first.click()
    page.locator("summary", has_text="Refund").click()  # S14
    page.fill("#refund input[name=amount]", "10.00")
    page.fill("#refund input[name=reason]", "came back")
    page.locator("#refund button").click()
    page.locator("#refunds li").wait_for()
    with psycopg.connect(console.database) as database:
        (rows,) = database.execute("select array_agg(amount_minor) from refunds").fetchone() or ()
    assert rows == [1000]
    page.reload()
    assert page.locator("#refunds li").count() == 1
    page.context.close()


def test_merchants_devices_and_money_are_reached(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    through(page, "Merchants")  # S20
    page.locator("tbody a").first.click()  # S21
    page.wait_for_url("**/merchants/*")
    through(page, "Merchants", "Add a merchant")  # S22
    page.fill("#f-name", "Half a merchant")
    with page.expect_response("**/v1/drafts/merchant-new:save"):
        page.locator("#f-name").press("Tab")
    through(page, "Applications")  # S23
    through(page, "Merchants", "Add a merchant")
    page.locator("[data-draft-note]").wait_for()
    assert page.input_value("#f-name") == "Half a merchant"
    with page.expect_response("**/v1/drafts/merchant-new:save"):
        page.locator("[data-draft-forget]").click()
    through(page, "Terminals")  # S30
    page.locator(f"tbody a[href^='/terminals/{MID}/']").first.click()  # S31
    page.locator("button", has_text=re.compile("^Suspend$")).click()
    page.locator(".plate", has_text="Suspended").wait_for()
    page.locator("button", has_text=re.compile("^Activate$")).click()
    page.locator(".plate", has_text="Suspended").wait_for(state="detached")
    through(page, "Acquirers and links")  # S40
    assert page.locator("tbody tr").count() >= 1
    through(page, "Settlement")  # S50
    page.locator("tbody a").first.click()  # S51
    page.wait_for_url("**/settlement/*")
    through(page, "Reports", "Daily summary")  # S60, S61
    page.wait_for_url("**/reports/R01*")
    assert page.said == []
    page.context.close()


def test_the_platforms_screens_and_ones_own_are_reached(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    through(page, "Users", "owner")  # S80
    assert page.locator("h1").inner_text() == "Olga Owner"
    through(page, "Roles")  # S81
    assert page.locator("tbody tr").count() == 14
    through(page, "Approvals")  # S83
    through(page, "API keys")  # S84
    through(page, "Audit trail")  # S82
    page.locator("button", has_text="Verify the chain").click()
    page.locator("[role=status]", has_text="whole").wait_for()
    page.keyboard.press("Control+k")  # S94
    page.fill("#go", "settle")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settlement")
    page.locator("[popovertarget=account]").click()  # S93
    page.locator("#account a").click()
    page.wait_for_url("**/profile")
    page.locator("#looks a[lang='zh-CN']").click()
    page.wait_for_url("**/profile")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.locator("[data-theme-set=dark]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.context.close()


def test_lists_have_peek_selection_columns_and_views(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    through(page, "Transactions")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("[data-bulk-count]", has_text="1 selected").wait_for()
    with page.expect_download() as download:
        page.locator("[data-bulk] button[value=csv]").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert len(text.splitlines()) == 2
    page.locator("tbody tr[data-row]").first.focus()
    page.keyboard.press("Space")
    page.locator(".peek dl").first.wait_for()
    assert "peek=" in page.url
    page.keyboard.press("Escape")
    assert page.locator(".peek").count() == 0
    page.locator("[popovertarget=columns]").click()
    page.locator("#columns label", has_text="Card").locator("input").uncheck()
    page.keyboard.press("Escape")
    assert page.locator("thead th", has_text=re.compile("^Card$")).is_hidden()
    page.locator("[popovertarget=views]").click()
    page.fill("#view-name", "without cards")
    page.locator("[data-view-save] button").click()
    page.locator("[data-views] a", has_text="without cards").wait_for()
    through(page, "Transactions")
    page.locator("[popovertarget=views]").click()
    page.locator("[data-views] a", has_text="without cards").click()
    page.wait_for_url("**off=Card*")
    page.locator("thead th a", has_text="Time").click()
    page.wait_for_url("**sort=created*")
    times = page.locator("tbody tr td.nowrap").all_inner_texts()
    assert times == sorted(times)
    assert page.locator("thead th", has_text=re.compile("^Card$")).is_hidden()
    assert page.said == []
    page.context.close()
