"""Lists without rows say why: nothing yet, nothing matches, no right, or it could not be read.

The four have different words and a next step; a figure that a later room will tell is a dash with
its reason.
"""

import psycopg

from pointsman.console.demo_people import PASSWORD
from pointsman.console.listtable import LOOKS
from tests.browser.screens_watch import NEW_PASSWORD, _first_start
from tests.browser.walking import Page, Walked, figure, go

NEVER_EMPTY = {
    *("merchants", "terminals", "batches", "settlement", "users", "audit", "acquirers"),
}
"""A house with a site file has some of each from its first hour."""
FOUND_NOTHING = {
    "payments": "/payments?last4=0000",
    "merchants": "/merchants?name%5Bprefix%5D=zzz",
    "terminals": "/terminals?serial%5Bprefix%5D=zzz",
    "batches": "/batches?tid=99999999",
    "settlement": "/settlement?business_date%5Blte%5D=2001-01-01",
    "users": "/users?login%5Bprefix%5D=zzz",
    "audit": "/audit?actor=nobody",
}
DENIED = ("/audit", "/users", "/keys", "/links", "/settlement")


def _title(page: Page) -> str:
    return str(page.locator(".empty :is(h1, h2)").inner_text())


def test_a_new_house_says_what_will_be_listed(walked: Walked) -> None:
    if "first.admin" not in walked.pages:
        _first_start(walked, None)
    page = walked.pages["first.admin"]
    assert NEW_PASSWORD != PASSWORD
    for name in sorted(LOOKS.keys() - NEVER_EMPTY):
        assert page.goto(f"{walked.new.address}/{name}").status == 200
        never = LOOKS[name].never
        assert (_title(page), never[1] in page.locator(".empty").inner_text()) == (never[0], True)
    page.goto(walked.new.address + "/")
    assert figure(page, "Net today") == "—"
    assert figure(page, "Approval rate") == "—"
    assert "no payments yet today" in page.locator(".figs").inner_text()
    assert page.said == []


def test_filters_that_match_nothing_are_cleared_by_a_click(walked: Walked) -> None:
    page = walked.at_overview("admin")
    for name, address in FOUND_NOTHING.items():
        page.goto(walked.console.address + address)
        assert _title(page) == "Nothing matches these filters", name
        page.locator(".empty a", has_text="Clear filters").click()
        page.wait_for_url(f"**/{name}")
        assert page.locator("#list tbody tr").count() >= 1, name
    assert page.said == []


def test_who_may_not_is_told_which_right_is_missing(walked: Walked) -> None:
    page = walked.at_overview("staff")
    for path in DENIED:
        assert page.goto(walked.console.address + path).status == 403, path
        assert ":view" in page.locator(".empty").inner_text(), path
        assert page.locator(".empty a", has_text="Back to overview").count() == 1
    page.locator(".empty a", has_text="Back to overview").click()
    page.wait_for_url(walked.console.address + "/")


def test_what_could_not_be_read_is_tried_again_by_a_click(walked: Walked) -> None:
    page = walked.at_overview("operator")
    with psycopg.connect(walked.console.database) as database:
        database.execute("lock table batches in access exclusive mode")
        answer = page.goto(walked.console.address + "/batches")
        assert answer.status == 503
        assert "req_" in page.locator(".empty").inner_text()
        database.rollback()
    page.locator(".empty a", has_text="Try again").click()
    page.locator("#list tbody tr").first.wait_for()
    go(page, "Settlement")
    assert page.locator("h1").inner_text() == "Settlement"
