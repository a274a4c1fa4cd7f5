"""Lists under the hand: heads, peek, selection, columns, saved views; and drafts of forms.

Every screen, its act and its figures are in test_screens.py.
"""

import re
from pathlib import Path
from typing import Any

from pointsman.console.listtable import LOOKS
from tests.browser.test_pages import signed_in
from tests.browser.walking import Console

TWO = ("created", "amount")
Page = Any  # playwright may not be installed where types are checked


def through(page: Page, *words: str) -> None:
    """Press a link of the navigation, then those on the pages that follow."""
    page.locator("nav#nav a", has_text=re.compile(f"^{words[0]}$")).click()
    page.wait_for_load_state()
    for one in words[1:]:
        page.locator("main a", has_text=one).first.click()
        page.wait_for_load_state()


def test_what_was_filled_in_is_there_again(chromium: Any, console: Console) -> None:
    page = signed_in(chromium, console)
    through(page, "Merchants", "Add a merchant")
    page.fill("#f-name", "Half a merchant")
    with page.expect_response("**/v1/drafts/merchant-new:save"):
        page.locator("#f-name").press("Tab")
    through(page, "Applications")
    through(page, "Merchants", "Add a merchant")
    page.locator("[data-draft-note]").wait_for()
    assert page.input_value("#f-name") == "Half a merchant"
    with page.expect_response("**/v1/drafts/merchant-new:save"):
        page.locator("[data-draft-forget]").click()
    assert page.said == []
    page.context.close()


def test_every_head_that_sorts_does_so_both_ways_and_keeps_the_filters(
    chromium: Any, console: Console
) -> None:
    page = signed_in(chromium, console)
    sorted_lists = 0
    day = page.locator(".clock b").inner_text()
    for name in LOOKS:
        page.goto(f"{console.address}/{name}" + f"?business_date={day}" * (name == "payments"))
        for place in range(page.locator("thead a.sorter").count()):
            told = []
            for _ in range(2):
                with page.expect_navigation():
                    page.locator("thead a.sorter").nth(place).click()
                told.append(page.locator("thead th[aria-sort]").get_attribute("aria-sort"))
            assert sorted(told) == ["ascending", "descending"], (name, place)
            sorted_lists += 1
        if name == "payments":
            assert f"business_date={day}" in page.url
            assert page.locator("thead a.sorter").count() == len(TWO)
    assert sorted_lists > len(LOOKS) / 2
    assert page.said == []
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
