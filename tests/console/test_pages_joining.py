"""Pages of joining: a stranger applies, the platform takes the merchant, its text stays text."""

import re

from pointsman.console.rights import Role
from tests.console.browser import Browser, furnished, person
from tests.console.test_applying import WANT
from tests.console.test_pages_money import once


async def test_a_stranger_applies_and_is_taken_by_forms(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    stranger = Browser(admin.app, address="203.0.113.9")
    assert 'href="/register"' in (await stranger.get("/sign-in")).text
    assert (await stranger.get("/register")).status == 200
    wrong = await stranger.ask(
        "POST", "/register", b"name=a", {"content-type": "application/x-www-form-urlencoded"}
    )
    assert wrong.status == 422
    done = await stranger.post("/register", WANT | {"country": "CN"})
    assert 'role="status"' in done.text
    page = (await admin.get("/applications")).text
    assert "<img src=x" not in page
    application = re.search('name="application" value="([^"]+)"', page)
    assert application is not None
    form = {"application": application[1], "mid": "898100053318888", "acquirer": "alpha"}
    taken = await admin.post("/applications", form | {"act": "approve", "once": once(page)})
    assert 'id="link"' in taken.text
    assert (await admin.get("/v1/merchants/898100053318888")).status == 200
    operator = await person(office, Role.OPERATOR)
    assert 'value="approve"' not in (await operator.get("/applications")).text
