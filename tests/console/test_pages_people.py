"""Pages of people: invited, given roles, reset and closed by forms; keys and links told once."""

import re

from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, Browser, furnished, person
from tests.console.test_pages_money import once
from tests.console.test_staffing import somebody
from tests.store.house import MID


async def test_a_person_is_invited_managed_and_closed_by_forms(database: str) -> None:
    office = await furnished(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    staff, staff_id = await somebody(office, Role.MERCHANT_STAFF)
    form = {"login": "new.viewer", "role": "merchant_viewer", "mid": MID}
    key = once((await owner.get("/users")).text)
    told = await owner.post("/users", form | {"once": key})
    link = re.search('id="link">([^<]+)<', told.text)
    assert link is not None
    assert (await Browser(owner.app).get(link[1])).status == 200
    assert 'id="link"' not in (await owner.post("/users", form | {"once": key})).text
    wrong = await owner.post("/users", form | {"once": "b", "role": "operator"})
    assert wrong.status == 422 or 'role="alert"' in wrong.text
    page = (await owner.get(f"/users/{staff_id}")).text
    assert "192.0.2.7" in page
    given = {"act": "give", "role": "merchant_viewer", "mid": MID}
    assert (await owner.post(f"/users/{staff_id}", given)).status == 200
    assert (await owner.post(f"/users/{staff_id}", {"act": "end"})).status == 200
    assert (await staff.get("/v1/me")).status == 401
    reset = await owner.post(f"/users/{staff_id}", {"act": "reset", "once": once(page)})
    assert 'id="link"' in reset.text
    assert (await owner.post(f"/users/{staff_id}", {"act": "close"})).status == 200
    assert "Closed" in (await owner.get("/users")).text
    viewer = await person(office, Role.RISK)
    assert f'href="/users/{staff_id}"' not in (await viewer.get("/users")).text


async def test_a_key_is_made_and_revoked_by_forms(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    key = once((await owner.get("/keys")).text)
    form = {"name": "till", "role": "merchant_viewer", "mid": MID, "once": key}
    made = await owner.post(
        "/keys", form | {"right:transactions:view": "1", "right:refunds:view": "1"}
    )
    secret = re.search('id="key">(ak_test_[0-9a-f]+)<', made.text)
    assert secret is not None
    assert secret[1] not in (await owner.get("/keys")).text
    listed = (await owner.get("/v1/api_keys")).json["data"]
    assert (await owner.post("/keys", {"act": "revoke", "key": listed[0]["id"]})).status == 200
    assert (await owner.get("/v1/api_keys")).json["data"][0]["state"] == "closed"


async def test_links_that_were_made_are_listed_and_shown_by_an_act(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    body = {"login": "new.person", "role": "merchant_viewer", "mid": MID}
    made = await owner.send("POST", "/v1/invitations", body, key="k")
    page = (await owner.get("/outbox")).text
    letter = re.search('name="letter" value="([^"]+)"', page)
    assert letter is not None
    assert made.json["link"] not in page
    shown = await owner.post("/outbox", {"letter": letter[1]})
    assert made.json["link"] in shown.text


async def test_an_owner_invites_for_an_outlet_by_choosing_it(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    place = {"mid": MID, "name": "Quay", "city": "Ningbo"}
    outlet = (await owner.send("POST", "/v1/outlets", place, key="o")).json["id"]
    assert f'value="{outlet}"' in (await owner.get("/users")).text
    form = {"login": "quay.cashier", "role": "merchant_staff", "outlet": outlet, "once": "a"}
    done = await owner.post("/users", form)
    assert (done.status, "/welcome/" in done.text) == (200, True)
    async with office.pool.act() as act:
        rows = await act.rows("select scope, mid from one_time_links where login = 'quay.cashier'")
    assert rows == [("outlet", MID)]
    wrong = form | {"login": "other.cashier", "mid": OTHER_MID, "once": "b"}
    assert (await owner.post("/users", wrong)).status in {403, 422}
