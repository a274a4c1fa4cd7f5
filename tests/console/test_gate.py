"""The gate: sessions by cookie with their form's token, keys, limits; refusals are in the trail."""

from datetime import timedelta

import trio

from pointsman.console.app import make_app
from pointsman.console.ratelimit import API
from pointsman.console.rights import Role
from pointsman.console.signing import token_hash
from pointsman.store import console_people_acts as acts
from pointsman.store import console_staff
from tests.console.browser import EFFECTS, Browser, furnished, own_scope, person


async def test_what_changes_something_needs_the_sessions_own_token(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    assert (await admin.post("/audit")).status == 200
    assert (await admin.post("/audit", {"csrf": ""})).status == 403
    assert (await admin.post("/audit", {"csrf": "of another session"})).status == 403
    json = {"content-type": "application/json"}
    assert (await admin.ask("POST", "/audit", b"{}", json)).status == 403


async def test_a_refusal_stands_in_the_audit_trail(database: str) -> None:
    office = await furnished(database)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    refused = await viewer.get("/v1/users")
    assert refused.status == 403
    assert refused.json["code"] == "permission_denied"
    admin = await person(office, Role.PLATFORM_ADMIN)
    trail = (await admin.get("/v1/audit_events")).json["data"]
    assert [(row["act"], row["object_id"], row["result"]) for row in trail] == [
        ("users:view", "GET /v1/users", "refused")
    ]
    assert trail[0]["request_id"] == refused.headers["request-id"]


async def test_a_key_reaches_its_scope_until_it_is_revoked(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    user = (await office.people.all(None))[0]
    key = "ak_test_" + "5" * 40
    async with office.pool.act() as act:
        await console_staff.new_key(
            act,
            key_id=EFFECTS.new_id(),
            key_hash=token_hash(key),
            hint="ak_test_555",
            name="till",
            grant=own_scope(Role.MERCHANT_VIEWER),
            made_by=user.id,
            life=timedelta(days=1),
            scopes=[],
            addresses=[],
        )
    machine = Browser(admin.app, headers={"authorization": f"Bearer {key}"})
    assert (await machine.get("/v1/merchants")).status == 200
    assert (await machine.get("/v1/acquirers")).status == 403
    assert key not in (await admin.get("/v1/api_keys")).text
    await office.pool.rows("update api_keys set revoked_at = now()")
    assert (await machine.get("/v1/merchants")).status == 401


async def test_a_closed_person_is_out_at_once(database: str) -> None:
    office = await furnished(database)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert (await viewer.get("/v1/me")).status == 200
    user = (await office.people.all(None))[0]
    async with office.pool.act() as act:
        assert await acts.closed(act, user.id)
    gone = await viewer.get("/v1/me")
    assert (gone.status, gone.json["code"]) == (401, "session_expired")


async def test_too_many_requests_are_refused_with_the_time_to_wait(database: str) -> None:
    office = await furnished(database)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert (await viewer.get("/v1/me")).status == 200
    owner = f"usr_{(await office.people.all(None))[0].id.hex()}"
    later_s = trio.current_time() + 3600  # the bucket does not fill before
    for _ in range(API.quota):
        office.gate._api.take(owner, later_s)
    refused = await viewer.get("/v1/me")
    assert (refused.status, refused.json["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["ratelimit-policy"] == '"api";q=600;w=60'
    assert refused.headers["ratelimit"].startswith('"api";r=0;t=')


async def test_a_key_of_the_other_mode_is_told_as_such(database: str) -> None:
    office = await furnished(database)
    machine = Browser(make_app(office), headers={"authorization": "Bearer ak_live_" + "5" * 40})
    refused = await machine.get("/v1/merchants")
    assert (refused.status, refused.json["code"]) == (403, "mode_mismatch")


async def test_another_version_of_the_api_is_not_spoken(database: str) -> None:
    viewer = await person(await furnished(database), Role.MERCHANT_VIEWER)
    spoken = (await viewer.get("/v1/me")).headers["api-version"]
    assert (await viewer.ask("GET", "/v1/me", more={"api-version": spoken})).status == 200
    refused = await viewer.ask("GET", "/v1/me", more={"api-version": "2020-01-01"})
    assert (refused.status, refused.json["code"]) == (400, "unknown_parameter")


async def test_what_a_page_asks_by_itself_keeps_no_session_from_ending(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)

    async def idle_s() -> int:
        query = "select extract(epoch from now() - seen_at)::int from sessions"
        return int((await office.pool.rows(query))[0][0])

    async with office.pool.act() as act:
        await act.rows("update sessions set seen_at = now() - interval '5 minutes'")
    answer = await admin.ask("GET", "/v1/payments", b"", {"x-unattended": "1"})
    assert answer.status == 200
    assert await idle_s() >= 300
    assert (await admin.get("/v1/payments")).status == 200
    assert await idle_s() < 300
