"""The profile's forms, and the page of roles: made of the one table."""

from pointsman.console import demo_people
from pointsman.console.app import make_office
from pointsman.console.demo_people import ACCOUNTS, PASSWORD
from pointsman.console.rights import RIGHTS, Role
from pointsman.console.seal import Seal
from pointsman.console.signing import token_hash
from pointsman.store import console_people_acts as acts
from tests.console.browser import CSRF, EFFECTS, KEY, OPEN, Browser, furnished, person

NEW = "another longer password"


async def demo(database: str) -> tuple[Browser, Browser]:
    """Return two sessions of one demo person, whose password is known."""
    await furnished(database)
    office = make_office(database, KEY, EFFECTS, mode="demo")
    OPEN.append(office)
    await demo_people.make(office, Seal(KEY))
    user = await office.people.by_login(ACCOUNTS[0].login)
    assert user is not None
    browsers = []
    for _ in range(2):
        browser = await person(office, Role.PLATFORM_ADMIN)
        token = EFFECTS.random_bytes(32).hex()
        async with office.pool.act() as act:
            await acts.signed_in(act, user.id, token_hash(token), CSRF, "192.0.2.7")
        browser.cookies["pointsman_session"] = token
        browsers.append(browser)
    return browsers[0], browsers[1]


async def test_a_new_password_wants_the_old_one_and_ends_other_sessions(database: str) -> None:
    here, elsewhere = await demo(database)
    wrong = await here.post("/profile", {"act": "password", "old": "x" * 12, "new": NEW})
    assert wrong.status == 422
    assert "this is not your password" in wrong.text
    weak = await here.post("/profile", {"act": "password", "old": PASSWORD, "new": "short"})
    assert weak.status == 422
    assert (await elsewhere.get("/v1/me")).status == 200
    done = await here.post("/profile", {"act": "password", "old": PASSWORD, "new": NEW})
    assert done.status == 200
    assert (await here.get("/v1/me")).status == 200
    assert (await elsewhere.get("/v1/me")).status == 401
    again = await here.post("/profile", {"act": "password", "old": PASSWORD, "new": NEW})
    assert again.status == 422


async def test_a_new_second_factor_begins_with_a_link_of_ones_own(database: str) -> None:
    here, _ = await demo(database)
    answer = await here.post("/profile", {"act": "renew"})
    assert answer.status == 303
    page = await here.get(answer.headers["location"])
    assert page.status == 200
    assert "svg" in page.text


async def test_what_is_no_button_does_nothing(database: str) -> None:
    here, _ = await demo(database)
    assert (await here.post("/profile", {"act": "everything"})).status == 422


async def test_another_persons_session_is_not_ones_own(database: str) -> None:
    office = await furnished(database)
    ann, bob = [await person(office, Role.OPERATOR) for _ in range(2)]
    session = (await bob.get("/v1/profile")).json["sessions"][0]["id"]
    assert (await ann.post("/profile", {"act": "end", "session": session})).status == 404
    assert (await bob.get("/v1/me")).status == 200


async def test_the_page_of_roles_has_every_right_of_the_table(database: str) -> None:
    office = await furnished(database)
    text = (await (await person(office, Role.PLATFORM_ADMIN)).get("/roles")).text
    shown = text.count('<span class="tag">')
    assert shown == sum(len(rights) for rights in RIGHTS.values())
    assert (await (await person(office, Role.OPERATOR)).get("/roles")).status == 403
