"""The screens of entry and of what one watches, S01 to S04 and S10 to S16, and their acts."""

import re
from pathlib import Path

import pyotp

from pointsman.console.looks import amount
from tests.browser.furniture import SECOND_OPERATOR
from tests.browser.walking import Page, Screen, Walked, figure, go, rows, sign_in, sum_of

_NET = """select sum(case money when 'debit' then approved_minor else -approved_minor end)
from transactions where state = 'approved' and undo not in ('done', 'owed', 'parked')
and money in ('debit', 'debit minus', 'credit')
and business_date = (select business_date from business_days where state = 'open')"""
_UNKNOWN = """select count(*) from transactions where state = 'unknown' and undo <> 'done'
and business_date = (select business_date from business_days where state = 'open')"""
_SESSIONS = "select count(*) from sessions s join users u on u.id = s.user_id where u.login = %s"
OWED = "select count(*) from owed where state in ('waiting', 'due', 'sent', 'parked')"
WAITING = f"""select ({OWED}) + (select count(*) from exceptions e where e.state = 'open'
and not exists (select from owed o where o.id = e.transaction and o.state = 'parked'))"""  # noqa: S608  # of these texts
NEW_PASSWORD = "a signal box at night"


def _sign_in(walked: Walked, page: Page) -> None:
    before = walked.sql(_SESSIONS, "viewer")
    visitor = walked.stranger()
    sign_in(visitor, walked.console, "viewer")
    assert walked.sql(_SESSIONS, "viewer") == before + 1
    visitor.locator("[popovertarget=account]").click()
    visitor.locator("#account button", has_text="Sign out").click()
    visitor.wait_for_url("**/sign-in")
    assert walked.sql(_SESSIONS, "viewer") == before
    visitor.context.close()


def _first_start(walked: Walked, page: Page) -> None:
    visitor = walked.stranger()
    visitor.goto(walked.new.address + walked.first_link)
    visitor.fill("#login", "first.admin")
    _enrol(visitor)
    assert visitor.locator(".codes li").count() == 10
    visitor.locator("main a.btn").click()
    visitor.locator("#newest .empty").wait_for()
    assert figure(visitor, "Net today") == "—"
    walked.pages["first.admin"] = visitor


def _enrol(page: Page) -> None:
    """Fill in the page of a link: name of a new person, password, a code of the key it shows."""
    if page.locator("#name").count():
        page.fill("#name", "Nora New")
    page.fill("#password", NEW_PASSWORD)
    secret = page.locator("p.mono.small").inner_text()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.locator("main form button.main").click()
    page.locator("ul.codes").wait_for()


def _register(walked: Walked, page: Page) -> None:
    visitor = walked.stranger()
    visitor.goto(walked.console.address)
    visitor.locator("main a", has_text="Register as a merchant").click()
    texts = {"name": "Corner Bakery", "mcc": "5462", "city": "Ningbo", "country": "CN"}
    texts |= {"login": "bakery.owner", "contact": "+86 574 5555 0100"}
    for name, text in texts.items():
        visitor.fill(f"#f-{name}", text)
    visitor.locator("main form button").click()
    visitor.locator("[role=status]", has_text="Thank you").wait_for()
    visitor.context.close()
    query = "select count(*) from applications where login = %s and state = 'submitted'"
    assert walked.sql(query, "bakery.owner") == 1


def _reset(walked: Walked, page: Page) -> None:
    page.locator("button", has_text="Make a link for a new password").click()
    link = page.locator("#link").inner_text()
    visitor = walked.stranger()
    visitor.goto(link)
    assert visitor.input_value("#login") == "risk"
    assert visitor.locator("#name").count() == 0
    _enrol(visitor)
    visitor.locator("main a.btn").click()
    visitor.locator("h1", has_text="Overview").wait_for()
    visitor.context.close()
    assert walked.sql("select count(*) from recovery_codes c join users u on u.id = c.user_id"
                      " where u.login = 'risk'") == 10  # fmt: skip
    again = walked.stranger()
    assert again.goto(link).status == 404
    again.context.close()


def _overview(walked: Walked, page: Page) -> None:
    net = walked.sql(_NET)
    assert figure(page, "Net today") == sum_of(net)
    unknown = walked.sql(_UNKNOWN)
    assert figure(page, "Unknown outcomes") == str(unknown)
    assert not page.locator("#f-net1").is_visible()
    page.locator("[popovertarget=f-net1]").click()
    assert "gross − voids − refunds" in page.locator("#f-net1").inner_text()
    page.keyboard.press("Escape")
    page.locator("#hours table").wait_for()
    page.locator("#attention a", has_text="Refused by an acquirer").click()
    page.wait_for_url("**/exceptions?state=parked")


def _live(walked: Walked, page: Page) -> None:
    page.locator("[data-live-state]", has_text="live").wait_for()
    walked.sql("select append_event(0, 'seen', id, '{}') from transactions where stan = '000900'")
    page.locator("[data-live-count]", has_text=re.compile("^1$")).wait_for()
    shown = page.locator("[data-live-rows] tr", has_text="1,234.50").first
    minor = walked.sql("select amount_minor from transactions where stan = '000900'")
    assert sum_of(minor) in shown.inner_text().replace("\n", "").replace(" ", "")
    page.locator("[data-live-pause]").click()
    assert page.locator("[data-live-pause]").get_attribute("aria-pressed") == "true"


def _transactions(walked: Walked, page: Page) -> None:
    page.select_option("select[name=state]", "declined")
    page.locator("main form button", has_text="Filter").click()
    page.wait_for_url("**state=declined*")
    assert rows(page) == walked.sql("select count(*) from transactions where state = 'declined'")
    with page.expect_download() as download:
        page.locator("a[download]", has_text="CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + rows(page)


def _payment(walked: Walked, page: Page) -> None:
    page.locator("#list tbody a").first.click()
    page.wait_for_url("**/payments/pay_*")
    stan = page.locator("dt", has_text="STAN").locator("+ dd .mono").first.inner_text()
    minor = walked.sql("select amount_minor from transactions where stan = %s", stan)
    assert page.locator("h1.amount").inner_text().endswith(amount(f"{minor / 100:.2f}"))
    events = walked.sql(
        "select count(*) from events e join transactions t on t.id = e.transaction"
        " where t.stan = %s and e.kind <> 'seen'",
        stan,
    )
    assert page.locator("#story li").count() >= events
    page.locator(".only-diff").check()
    assert page.locator("#messages tr.same:visible").count() == 0


def _refund(walked: Walked, page: Page) -> None:
    page.fill("#find", "1,234.50")
    page.keyboard.press("Enter")
    page.wait_for_url("**/payments?q=*")
    page.locator("#list tbody a").first.click()
    page.locator("summary", has_text="Refund").click()
    page.fill("#refund input[name=amount]", "10.00")
    page.fill("#refund input[name=reason]", "came back")
    page.locator("#refund button").click()
    page.locator("#refunds li").wait_for()
    query = "select array_agg(amount_minor) from refunds where reason = 'came back'"
    assert walked.sql(query) == [1000]
    page.reload()
    assert page.locator("#refunds li").count() == 1


def _exceptions(walked: Walked, page: Page) -> None:
    def say(one: Page) -> None:
        one.locator("#list summary", has_text="Decide").click()
        form = one.locator("form", has=one.locator("button[value=not-done]"))
        form.locator("input[name=reason]").fill("not in their file")
        form.locator("button[value=not-done]").click()

    assert rows(page) == walked.sql(WAITING)
    say(page)
    page.locator("[role=status]", has_text="A second person must say the same.").wait_for()
    assert rows(page) == walked.sql(WAITING)
    other = walked.at_overview(SECOND_OPERATOR)
    go(other, "Exceptions")
    say(other)
    other.locator("[role=status]", has_text="Done.").wait_for()
    assert walked.sql("select undo from transactions where stan = '000950'") == "closed"
    assert rows(other) == walked.sql(WAITING)


def _batches(walked: Walked, page: Page) -> None:
    assert rows(page) == min(50, walked.sql("select count(*) from batches"))
    with page.expect_download() as download:
        page.locator("a[download]", has_text="CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + walked.sql("select count(*) from batches")


SCREENS = (
    Screen("S01", ("/sign-in",), "", (), _sign_in),
    Screen("S02", ("/welcome/{token}",), "", (), _first_start),
    Screen("S03", ("/register",), "", (), _register),
    Screen("S04", ("/users/{user_id}", "/welcome/{token}"), "admin", ("Users", "risk"), _reset),
    Screen("S10", ("/",), "operator", ("Overview",), _overview),
    Screen("S11", ("/live",), "operator", ("Live stream",), _live),
    Screen("S12", ("/payments",), "owner", ("Transactions",), _transactions),
    Screen("S13", ("/payments/{payment_id}",), "operator", ("Transactions",), _payment),
    Screen("S14", ("/payments/{payment_id}",), "owner", ("Transactions",), _refund),
    Screen("S15", ("/exceptions",), "operator", ("Exceptions",), _exceptions),
    Screen("S16", ("/batches",), "operator", ("Batches",), _batches),
)
