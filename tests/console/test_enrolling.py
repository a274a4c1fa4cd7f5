"""A reset: a new password and second factor by a link; sessions of before are dead."""

import pyotp

from pointsman.console import second_factor
from pointsman.console.rights import Role
from pointsman.console.signing import Origin
from tests.console.browser import EFFECTS, Browser, furnished
from tests.console.test_staffing import somebody

PASSWORD = "correct horse battery staple"


async def test_a_reset_gives_a_new_door_and_closes_the_old_one(database: str) -> None:
    office = await furnished(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    staff, staff_id = await somebody(office, Role.MERCHANT_STAFF)
    made = await owner.send("POST", f"/v1/users/{staff_id}:reset", {}, key="k")
    token = made.json["link"].rpartition("/")[2]
    link, secret = await office.signing.opened_link(token)
    code = pyotp.TOTP(second_factor.text_of(secret)).at(EFFECTS.now())
    stranger = Browser(owner.app)
    wrong = {"login": "ignored", "password": PASSWORD, "code": "no"}
    for page in (
        await stranger.get(made.json["link"]),
        await stranger.post(made.json["link"], wrong),
    ):
        assert "Choose a new password" in page.text  # and no name: the person keeps it
        assert 'id="name"' not in page.text
        assert "Make your account" not in page.text
    form = {"login": "ignored", "name": "", "password": PASSWORD, "code": code}
    answer = await stranger.post(made.json["link"], form)
    assert answer.status == 200, answer.text[:500]
    assert (await stranger.get("/v1/me")).json["name"] == link.login
    assert (await staff.get("/v1/me")).status == 401
    assert (await stranger.get(made.json["link"])).status == 404
    user = await office.people.by_login(link.login)
    assert user is not None
    assert len(user.grants) == 1
    later = pyotp.TOTP(second_factor.text_of(secret)).at(EFFECTS.now(), counter_offset=1)
    await office.signing.sign_in(link.login, PASSWORD, later, Origin("192.0.2.1", "req"))
