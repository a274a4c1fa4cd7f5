"""Step-up: a fresh code gives the session a new token; a code works once, ten wrong ones lock."""

import pyotp

from pointsman.console import second_factor
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.console.seal import NONCE_SIZE, Seal
from tests.console.browser import EFFECTS, KEY, Browser, furnished, person

SECRET = bytes(range(20))


async def enrolled(office: Office) -> Browser:
    browser = await person(office, Role.PLATFORM_ADMIN)
    user = (await office.people.all(None))[-1]
    sealed = Seal(KEY).close(SECRET, user.id, EFFECTS.random_bytes(NONCE_SIZE))
    async with office.pool.act() as act:
        await act.rows("update users set totp_sealed = %s where id = %s", (sealed, user.id))
        await act.rows("update sessions set proven_at = now() - interval '1 hour'")
    return browser


def code() -> str:
    return pyotp.TOTP(second_factor.text_of(SECRET)).at(EFFECTS.now())


async def test_a_code_opens_once_and_the_old_token_is_dead(database: str) -> None:
    office = await furnished(database)
    browser = await enrolled(office)
    old = Browser(browser.app, dict(browser.cookies))
    shown = code()
    done = await browser.send("POST", "/v1/session:step_up", {"code": shown})
    assert done.status == 200, done.text
    assert (await old.get("/v1/me")).status == 401
    assert (await browser.get("/v1/me")).status == 200
    headers = {"x-csrf-token": done.json["csrf"], "content-type": "application/json"}
    body = b'{"code": "%s"}' % shown.encode()
    again = await browser.ask("POST", "/v1/session:step_up", body, headers)
    assert (again.status, again.json["code"]) == (403, "step_up_required")


async def test_ten_wrong_codes_lock_and_end_the_session(database: str) -> None:
    office = await furnished(database)
    browser = await enrolled(office)
    for _ in range(10):
        wrong = await browser.send("POST", "/v1/session:step_up", {"code": "000000"})
        assert wrong.status == 403
    assert (await browser.get("/v1/me")).status == 401
    user = (await office.people.all(None))[-1]
    assert user.locked
