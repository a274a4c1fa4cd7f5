"""The screens of merchants, devices, acquirers and money: S20 to S23, S30, S31, S40, S50, S51."""

import re
from pathlib import Path

import pyotp

from pointsman.console.demo_people import SECRET
from pointsman.console.second_factor import text_of
from tests.browser.screens_watch import OWED
from tests.browser.walking import Page, Screen, Walked, figure, go, rows, sum_of
from tests.store.house import MID

NEW_MID, NEW_TID = "898100053310077", "77000001"
TAKEN_MID = "898100053310088"


def _merchants(walked: Walked, page: Page) -> None:
    assert rows(page) == walked.sql("select count(*) from merchants")
    page.locator("#list tbody tr").first.focus()
    page.keyboard.press("Space")
    page.locator(".peek dl").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".peek").count() == 0


def _merchant(walked: Walked, page: Page) -> None:
    page.wait_for_url(f"**/merchants/{MID}*")
    section = page.locator("section", has=page.locator("h2", has_text=re.compile("^Terminals$")))
    count = walked.sql("select count(*) from terminals where mid = %s", MID)
    assert section.locator("tbody tr").count() == count
    page.locator("summary", has_text="Add an outlet").click()
    page.fill("#outlets input[name=name]", "Quay")
    page.fill("#outlets input[name=city]", "Ningbo")
    page.locator("#outlets form button").click()
    page.locator("#outlets tbody tr", has_text="Quay").wait_for()
    query = "select count(*) from outlets where mid = %s and name = 'Quay'"
    assert walked.sql(query, MID) == 1


def _onboarding(walked: Walked, page: Page) -> None:
    texts = {"mid": NEW_MID, "name": "River Books", "mcc": "5942", "city": "Suzhou"}
    for name, text in (texts | {"outlet": "Canal side"}).items():
        page.fill(f"#f-{name}", text)
    page.locator("main form button.main").click()
    page.wait_for_url(f"**/merchants/{NEW_MID}/terminals/new")
    page.fill("#f-tid", NEW_TID)
    page.fill("#f-transport_key", "laboratory")
    page.locator("main form button.main").click()
    page.locator("#command").wait_for()
    assert f"--mid {NEW_MID} --tid {NEW_TID}" in page.locator("#command").inner_text()
    shown = page.locator("[role=status] dd.mono").first.inner_text()
    query = "select tmk_check_value from terminals where mid = %s and tid = %s"
    assert walked.sql(query, NEW_MID, NEW_TID) == shown
    assert walked.sql("select count(*) from outlets where mid = %s", NEW_MID) == 1


def _applications(walked: Walked, page: Page) -> None:
    assert rows(page) == walked.sql("select count(*) from applications")
    row = page.locator("#list tbody tr", has_text="Hill Noodles")
    row.locator("input[name=mid]").fill(TAKEN_MID)
    row.locator("button[value=approve]").click()
    assert "/welcome/" in page.locator("#link").inner_text()
    assert walked.sql("select name from merchants where mid = %s", TAKEN_MID) == "Hill Noodles"


def _terminals(walked: Walked, page: Page) -> None:
    assert rows(page) == min(50, walked.sql("select count(*) from terminals"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("[data-bulk-count]", has_text="2 selected").wait_for()
    page.locator("[data-bulk] button[value=suspend]").click()
    page.locator("[role=status]", has_text="2 changed").wait_for()
    assert walked.sql("select count(*) from terminals where not active") == 2
    page.select_option("select[name=state]", "suspended")
    page.locator("main form button", has_text="Filter").click()
    page.wait_for_url("**state=suspended*")
    assert rows(page) == 2
    page.locator("[data-pick-page]").check()
    page.locator("[data-bulk] button[value=activate]").click()
    page.locator("[role=status]", has_text="2 changed").wait_for()
    assert walked.sql("select count(*) from terminals where not active") == 0


def _terminal(walked: Walked, page: Page) -> None:
    page.locator(f"#list tbody a[href^='/terminals/{MID}/']").first.click()
    page.wait_for_url(f"**/terminals/{MID}/*")
    tid = page.url.rpartition("/")[2]
    query = "select {} from terminals where mid = %s and tid = %s"
    batch = walked.sql(query.format("batch"), MID, tid)
    assert page.locator("dt", has_text="Batch").locator("+ dd").inner_text() == batch
    page.locator("button", has_text=re.compile("^Suspend$")).click()
    page.locator(".plate", has_text="Suspended").wait_for()
    assert walked.sql(query.format("active"), MID, tid) is False
    page.locator("button", has_text=re.compile("^Activate$")).click()
    page.locator(".plate", has_text="Suspended").wait_for(state="detached")
    assert walked.sql(query.format("active"), MID, tid) is True


def _links(walked: Walked, page: Page) -> None:
    lamps = page.locator(".board .lamps").first.get_attribute("aria-label")
    assert lamps == "connected, signed on, answering"
    held = "select count(*) from lease where starts_with(name, 'session ')"
    assert rows(page) == walked.sql(held)
    go(page, "Acquirers")
    row = page.locator("#list tbody tr", has_text="alpha")
    owed = OWED + " and acquirer = 'alpha'"
    assert row.locator("td.num").nth(1).inner_text() == str(walked.sql(owed))
    row.locator("a").first.click()
    page.wait_for_url("**/payments?acquirer=alpha")
    query = "select count(*) from transactions where acquirer = 'alpha'"
    assert rows(page) == min(50, walked.sql(query))


def _refused_cards(walked: Walked, page: Page) -> None:
    page.locator(".empty h2", has_text="No card is refused").wait_for()
    listed = page.request.get(walked.console.address + "/v1/payments?state=declined").json()
    page.locator("summary", has_text="Refuse a card").click()
    page.fill("#f-payment", listed["data"][0]["id"])
    page.fill("main details #f-reason", "reported lost")
    page.locator("main form button[value=add]").click()
    page.locator("[role=status]", has_text="The card is refused from now on.").wait_for()
    assert rows(page) == walked.sql("select count(*) from listed_cards") == 1
    assert "****" in page.locator("#list tbody td.mono").first.inner_text()


def _limits(walked: Walked, page: Page) -> None:
    page.fill("#f-day_minor_max", "900,000.00")
    page.fill("main #f-reason", "a new contract")
    if page.locator("#f-code").count():
        page.fill("#f-code", pyotp.TOTP(text_of(SECRET)).now())
    page.locator("main form button.main").click()
    # The only administrator: nobody else is there to decide.
    page.locator("[role=status]", has_text="These limits are in force.").wait_for()
    query = "select rules->>'day_minor_max' from merchants where mid = %s"
    assert str(walked.sql(query, MID)) == "90000000"
    assert "900,000.00" in page.locator("main dl.kv").inner_text()


def _settlement(walked: Walked, page: Page) -> None:
    days = walked.sql("select count(*) from business_days")
    assert rows(page) == days
    row = page.locator("#list tbody tr").nth(1)
    day = row.locator("a").inner_text()
    query = "select count(*) from postings where business_date = %s"
    assert row.locator("td.num").first.inner_text() == str(walked.sql(query, day))
    with page.expect_download() as download:
        page.locator("a[download]", has_text="CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + days


def _cycle(walked: Walked, page: Page) -> None:
    page.locator("#list tbody tr").nth(1).locator("a").click()
    page.wait_for_url("**/settlement/*")
    day = page.url.rpartition("/")[2]
    query = "select sum(signed_minor) from postings where business_date = %s"
    assert figure(page, "Net") == sum_of(walked.sql(query, day))
    parts = dict(
        zip(
            page.locator(".ident .k").all_inner_texts(),
            [one.split()[-1] for one in page.locator(".ident .v").all_inner_texts()],
            strict=True,
        )
    )
    assert parts["Payout"] == parts["Opening"] == parts["Fees"] == "—"
    assert page.locator(".proof .st.ok").count() == 1
    assert "fees and payouts are not part of this version" in page.locator(".proof").inner_text()
    sales = (
        "select sum(signed_minor) from postings p join transactions t on t.id = p.transaction"
        " where p.business_date = %s and signed_minor > 0 and t.kind = 'sale'"
    )
    assert sum_of(walked.sql(sales, day)).removeprefix("CNY") == parts["Sales"]
    page.locator("section a[href^='/merchants/']").first.click()
    page.wait_for_url(f"**/merchants/{MID}*")
    go(page, "Settlement")


SCREENS = (
    Screen("S20", ("/merchants",), "operator", ("Merchants",), _merchants),
    Screen("S21", ("/merchants/{mid}",), "owner", ("Merchants", "Tea"), _merchant),
    Screen(
        "S22",
        ("/merchants/new", "/merchants/{mid}/terminals/new"),
        "admin",
        ("Merchants", "Add a merchant"),
        _onboarding,
    ),
    Screen("S23", ("/applications",), "admin", ("Applications",), _applications),
    Screen("S30", ("/terminals",), "operator", ("Terminals",), _terminals),
    Screen("S31", ("/terminals/{mid}/{tid}",), "owner", ("Terminals",), _terminal),
    Screen("S40", ("/links", "/acquirers"), "operator", ("Acquirers and links",), _links),
    Screen("S72", ("/blacklist",), "operator", ("Refused cards",), _refused_cards),
    Screen(
        *("S70", ("/merchants/{mid}/limits",), "admin", ("Merchants", "Tea", "Limits"), _limits)
    ),
    Screen("S50", ("/settlement",), "operator", ("Settlement",), _settlement),
    Screen("S51", ("/settlement/{business_date}",), "owner", ("Settlement",), _cycle),
)
