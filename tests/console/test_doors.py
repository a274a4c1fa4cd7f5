"""The doors: the first link, signing in with both factors, lock-out, replays, where one lands."""

import re

import pyotp
import pytest
import trio

from pointsman.config import Config
from pointsman.console import second_factor, service
from pointsman.console.app import make_app
from pointsman.console.office import Office
from pointsman.console.problems import Problem
from pointsman.console.ratelimit import SIGN_IN
from pointsman.console.signing import Origin
from tests.console.browser import Answer, Browser, furnished

PASSWORD = "a horse, a battery, a staple"


async def arrive(office: Office) -> tuple[Browser, str, list[str]]:
    """Make the first administrator; return its browser, secret and recovery codes."""
    browser = Browser(make_app(office))
    link = await service.first_link(office, Config())
    assert link is not None
    path = link.removeprefix("http://127.0.0.1:8580")
    page = await browser.get(path)
    found = re.search(r'small">([A-Z2-7]{32})<', page.text)
    assert found
    done = await browser.post(path, person(pyotp.TOTP(found[1]).now()))
    assert done.status == 200, done.text
    codes = re.findall("<li>([a-z2-7]{8}-[a-z2-7]{8})</li>", done.text)
    assert len(codes) == second_factor.RECOVERY_CODES
    assert (await browser.post(path, person("000000"))).status == 404  # used
    return browser, found[1], codes


def person(code: str) -> dict[str, str]:
    return {"login": "admin", "name": "Ada", "password": PASSWORD, "code": code}


async def sign_in(
    browser: Browser, code: str, *, password: str = PASSWORD, target: str = ""
) -> Answer:
    form = {"login": "ADMIN", "password": password, "code": code}
    return await browser.post(f"/sign-in{target}", form)


async def test_first_administrator_arrives_by_a_link_that_works_once(database: str) -> None:
    office = await furnished(database)
    browser, _, _ = await arrive(office)
    assert (await browser.get("/")).status == 200
    assert await service.first_link(office, Config()) is None


async def test_a_code_and_a_recovery_code_work_once(database: str) -> None:
    office = await furnished(database)
    browser, secret, codes = await arrive(office)
    stranger = Browser(browser.app)
    # The step of the enrolment was used; the next one is accepted within the tolerance.
    ahead = pyotp.TOTP(secret).at(int(office.effects.now().timestamp()) + second_factor.STEP_S)
    assert (await sign_in(stranger, ahead)).status == 303
    assert (await sign_in(Browser(browser.app), ahead)).status == 401
    assert (await sign_in(Browser(browser.app), codes[0])).status == 303
    assert (await sign_in(Browser(browser.app), codes[0])).status == 401


async def test_ten_wrong_tries_lock_and_tell_no_more_than_one(database: str) -> None:
    office = await furnished(database)
    browser, _, codes = await arrive(office)
    texts = set()
    for _ in range(10):
        answer = await sign_in(Browser(browser.app), "123456", password="wrong wrong wrong")
        assert answer.status == 401
        texts.add(answer.text)
    locked = await sign_in(Browser(browser.app), codes[0])  # all of it right, and too late
    assert locked.status == 401
    unknown = await Browser(browser.app).post(
        "/sign-in", {"login": "ADMIN", "password": "x", "code": "1"}
    )
    assert len({*texts, locked.text, unknown.text}) == 1
    trail = await browser.get("/v1/audit_events")
    reasons = [row["reason"] for row in trail.json["data"] if row["result"] == "refused"]
    assert reasons.count("locked from now on") == 1
    assert reasons.count("locked") == 2


async def test_an_address_that_tries_too_often_is_slowed(database: str) -> None:
    office = await furnished(database)
    browser = Browser(make_app(office))
    later_s = trio.current_time() + 3600  # the bucket does not fill before
    for _ in range(SIGN_IN.quota):
        office.gate._sign_in.take(browser.address, later_s)
    form = {"login": "admin", "password": "", "code": ""}
    assert (await browser.post("/sign-in", form)).status == 429
    browser.address = "192.0.2.8"
    assert (await browser.post("/sign-in", form)).status == 401


async def test_a_stranger_is_led_to_the_door_and_back_but_never_elsewhere(database: str) -> None:
    office = await furnished(database)
    browser, secret, codes = await arrive(office)
    stranger = Browser(browser.app)
    led = await stranger.get("/payments?state=declined")
    assert led.headers["location"] == "/sign-in?next=%2Fpayments%3Fstate%3Ddeclined"
    back = await sign_in(stranger, codes[0], target="?next=%2Fpayments%3Fstate%3Ddeclined")
    assert back.headers["location"] == "/payments?state=declined"
    away = await sign_in(Browser(browser.app), codes[1], target="?next=//elsewhere.example")
    assert away.headers["location"] == "/"
    assert secret


async def test_signing_out_ends_the_session_on_the_server(database: str) -> None:
    office = await furnished(database)
    browser, _, _ = await arrive(office)
    kept = Browser(browser.app, dict(browser.cookies))
    page = await browser.get("/")
    token = re.search('name="csrf" value="([0-9a-f]{64})"', page.text)
    assert token
    assert (await browser.post("/sign-out", {"csrf": "0" * 64})).status == 403
    assert (await browser.post("/sign-out", {"csrf": token[1]})).status == 303
    assert (await kept.get("/v1/me")).status == 401


async def test_a_weak_password_is_refused_and_the_link_stays_open(database: str) -> None:
    office = await furnished(database)
    browser = Browser(make_app(office))
    link = await service.first_link(office, Config())
    assert link is not None
    path = link.removeprefix("http://127.0.0.1:8580")
    answer = await browser.post(path, person("000000") | {"password": "short"})
    assert answer.status == 422
    assert "short" not in answer.text
    assert (await browser.get(path)).status == 200


async def test_strangers_lock_out_strangers_and_nobody_who_was_there_before(
    database: str,
) -> None:
    office = await furnished(database)
    browser, _, codes = await arrive(office)
    assert "pointsman_browser" in browser.cookies
    for _ in range(10):
        await sign_in(Browser(browser.app), "123456", password="wrong wrong wrong")
    assert (await sign_in(Browser(browser.app), codes[0])).status == 401  # locked for strangers
    assert (await browser.get("/v1/me")).status == 200
    back = Browser(browser.app, {"pointsman_browser": browser.cookies["pointsman_browser"]})
    assert (await sign_in(back, codes[0])).status == 303
    # The lock for strangers stays: signing in here gives them no new tries.
    assert (await sign_in(Browser(browser.app), codes[1])).status == 401


async def test_a_browser_that_was_there_before_is_locked_by_its_own_ten_tries(
    database: str,
) -> None:
    office = await furnished(database)
    browser, _, codes = await arrive(office)
    known = {"pointsman_browser": browser.cookies["pointsman_browser"]}
    for _ in range(10):
        wrong = await sign_in(Browser(browser.app, dict(known)), "1", password="wrong wrong")
        assert wrong.status == 401
    assert (await sign_in(Browser(browser.app, dict(known)), codes[0])).status == 401
    forged = {"pointsman_browser": "0" * 64}
    assert (await sign_in(Browser(browser.app, forged), codes[0])).status == 303


async def test_many_tries_at_once_are_ten_tries(database: str) -> None:
    office = await furnished(database)
    await arrive(office)
    signing, origin = office.signing, Origin("192.0.2.9", "req")
    user = await office.people.by_login("admin")
    assert user is not None
    async with office.pool.act() as act:  # ten others were wrong while this one was looked at
        await act.rows("update users set locked_until = now() + interval '1 minute'")
    with pytest.raises(Problem):
        await signing.opened(user.id, user.login, origin, user.password_hash)


async def test_a_session_that_somebody_set_before_is_not_taken_over(database: str) -> None:
    office = await furnished(database)
    browser, _, codes = await arrive(office)
    planted = "f" * 64
    victim = Browser(browser.app, {"pointsman_session": planted})
    assert (await sign_in(victim, codes[0])).status == 303
    assert victim.cookies["pointsman_session"] != planted
    assert (await Browser(browser.app, {"pointsman_session": planted}).get("/v1/me")).status == 401
