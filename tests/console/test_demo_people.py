"""The demo's people: in a demo alone, each signs in with what the page tells."""

import re

import pytest

from pointsman.console import demo_people
from pointsman.console.app import make_app, make_office
from pointsman.console.rights import Role
from pointsman.console.seal import Seal
from tests.console.browser import EFFECTS, KEY, OPEN, Browser
from tests.store.house import import_site

SEAL = Seal(KEY)


async def test_nobody_is_made_where_it_is_no_demo(database: str) -> None:
    await import_site(database)
    for mode in ("test", "live"):
        office = make_office(database, KEY, EFFECTS, mode=mode)
        OPEN.append(office)
        with pytest.raises(demo_people.NoDemoError):
            await demo_people.make(office, SEAL)
        assert await office.people.is_empty()
        assert await demo_people.told(office) is None
        page = await Browser(make_app(office)).get("/sign-in")
        assert demo_people.PASSWORD not in page.text


async def test_every_role_signs_in_with_what_the_page_tells(database: str) -> None:
    await import_site(database)
    office = make_office(database, KEY, EFFECTS, mode="demo")
    OPEN.append(office)
    assert "Demo accounts" not in (await Browser(make_app(office)).get("/sign-in")).text
    assert len(await demo_people.make(office, SEAL)) == len(Role)
    assert await demo_people.make(office, SEAL) == []
    for account in demo_people.ACCOUNTS:
        browser = Browser(make_app(office))
        page = (await browser.get("/sign-in")).text
        assert demo_people.PASSWORD in page
        (code,) = re.findall(r'<dd class="mono">([0-9]{6})</dd>', page)
        form = {"login": account.login, "password": demo_people.PASSWORD, "code": code}
        assert (await browser.post("/sign-in", form)).status == 303
        assert (await browser.get("/v1/me")).json["grants"][0]["role"] == account.role.value
        again = await Browser(make_app(office)).post("/sign-in", form)
        assert again.status == 401, "a code works once"
