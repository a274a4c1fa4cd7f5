"""Bad input on every route that there is: other tenants' ids, members that are not asked for,
forms of another session, odd JSON, scripts, races. All of it is made from the tables of routes."""

import re
from typing import Any

import pytest
import trio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from pointsman.console import ids
from pointsman.console.app import make_app
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.refunding import USUAL_LIMIT_MINOR
from pointsman.console.rights import Role
from pointsman.console.routes import ROUTES
from tests.console.browser import EFFECTS, OTHER_MID, Browser, furnished, person
from tests.console.test_describing import examples
from tests.console.test_refunding import ask, paid
from tests.store.house import BATCH, MID, TIDS

CHANGING = [row for row in ROUTES.values() if row.method not in {"GET", "HEAD"}]
OF_THE_API = [row for row in CHANGING if row.path.startswith("/v1/")]
TENANTS = ("mid", "tid", "outlet_id", "payment_id", "refund_id", "approval_id", "user_id")


async def bodies(browser: Browser) -> dict[tuple[str, str], dict[str, Any]]:
    return examples((await browser.get("/openapi.json")).json)


async def everything(office: Office, database: str) -> dict[str, str]:
    """Return ids of one merchant's things of every kind."""
    payment = await paid(database, USUAL_LIMIT_MINOR + 5)
    owner = await person(office, Role.MERCHANT_OWNER)
    await person(office, Role.MERCHANT_VIEWER)
    admin = await person(office, Role.PLATFORM_ADMIN)
    asked = (await ask(owner, {"payment": payment})).json
    place = {"mid": MID, "name": "Quay", "city": "Shanghai"}
    outlet = (await owner.send("POST", "/v1/outlets", place, key="o")).json["id"]
    key = {"name": "till", "role": "merchant_viewer", "scopes": ["reports:view"], "mid": MID}
    made = (await owner.send("POST", "/v1/api_keys", key, key="k")).json
    run = (await owner.send("POST", "/v1/report_runs", {"report": "R01"}, key="r")).json["id"]
    users = (await admin.get("/v1/users?role=merchant_viewer")).json["data"]
    invited = {"login": "ann@tea.example", "role": "merchant_staff", "mid": MID}
    await owner.send("POST", "/v1/invitations", invited, key="i")
    letters = (await owner.get("/v1/outbox")).json["data"]
    return {
        "mid": MID,
        "tid": TIDS[0],
        "batch": BATCH,
        "payment_id": payment,
        "refund_id": asked["id"],
        "approval_id": asked["approval_id"],
        "outlet_id": outlet,
        "key_id": made["id"],
        "run_id": run,
        "user_id": users[0]["id"],
        "letter_id": letters[0]["id"],
        "application_id": ids.encode("app", EFFECTS.new_id()),
    }


def filled(path: str, names: dict[str, str]) -> str:
    return re.sub("{([a-z_]+)}", lambda found: names.get(found[1], found[1]), path)


async def test_nothing_of_another_tenant_is_found_on_any_route(database: str) -> None:
    office = await furnished(database)
    names = await everything(office, database)
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    known = await bodies(stranger)
    tried = 0
    for method, path in ROUTES:
        places = set(re.findall("{([a-z_]+)}", path))
        if not path.startswith("/v1/") or not places & names.keys():
            continue
        body = known.get((method, path), {})
        target = filled(path, names)
        if method == "GET":
            answer = await stranger.get(target)
        else:
            answer = await stranger.send(method, target, body, key=f"x{tried}", if_match='"x"')
        assert answer.status in {404, 403}, (method, path, answer.text)
        if method == "GET" and answer.status == 403:
            assert ROUTES[method, path].resource is not None
        assert MID not in answer.text.replace(target, "")
        tried += 1
    assert tried > 30
    for kind in ("merchant", "outlet", "payment"):
        for method, path in ROUTES:
            body = dict(known.get((method, path), {}))
            name = {"merchant": "mid", "outlet": "outlet", "payment": "payment"}[kind]
            if path.startswith("/v1/applications") or name not in body:
                continue  # in a body, the same
            body[name] = names[{"mid": "mid", "outlet": "outlet_id"}.get(name, "payment_id")]
            own = {"mid": OTHER_MID, "tid": TIDS[0]}
            answer = await stranger.send(method, filled(path, own), body, key=f"{kind}{tried}")
            tried += 1
            assert answer.status in {403, 404, 422}, (path, answer.text)


async def test_no_body_takes_a_member_that_was_not_asked_for(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    known = await bodies(admin)
    names = {"mid": MID, "tid": TIDS[0]}
    for (method, path), body in known.items():
        for member in ("is_admin", "asked_by", "__proto__"):
            wrong = {**body, member: True}
            headers = {"if_match": '"x"'}
            answer = await admin.send(method, filled(path, names), wrong, key="m", **headers)
            if ROUTES[method, path].public:
                office.gate._sign_in._buckets.clear()
            assert answer.status in {422, 403}, (path, member, answer.text)
            if answer.status == 422:
                assert answer.json["errors"][0]["pointer"] == f"/{member}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"mid": NaN}',
        b'{"mid": 1e999, "mid": 2}',
        b'{"mid": "a", "mid": "b"}',
        b'{"mid": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"mid": "\xff"}',
        b"[]",
    ],
)
async def test_odd_json_is_malformed_on_every_route(database: str, body: bytes) -> None:
    office = await furnished(database)
    browsers = [await person(office, role) for role in (Role.PLATFORM_ADMIN, Role.OPERATOR)]
    known = await bodies(browsers[0])
    for method, path in known:
        office.gate._sign_in._buckets.clear()
        for browser in browsers:
            target = filled(path, {"mid": MID, "tid": TIDS[0]})
            answer = await browser.send(method, target, body, key="j", if_match='"x"')
            if answer.status != 403:
                assert (answer.status, answer.json["code"]) == (400, "malformed_json"), path
                break


async def test_what_changes_something_needs_the_token_of_its_session(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    kinds = ("application/json", "application/x-www-form-urlencoded", "text/plain")
    for row in CHANGING:
        if row.public:
            continue
        target = filled(row.path, {"mid": MID, "tid": TIDS[0]})
        for kind in kinds:
            more = {"content-type": kind, "origin": "https://elsewhere.example"}
            answer = await admin.ask(row.method, target, b"{}", more)
            assert answer.status == 403, row
            if row.path.startswith("/v1/"):
                assert answer.json["code"] == "csrf_token_wrong"


async def test_sql_in_an_order_or_a_filter_is_a_wrong_value(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    evil = "mid%3B%20drop%20table%20users%20--"
    for row in ROUTES.values():
        if row.method == "GET" and "sort" in row.parameters and not row.path.startswith("/export"):
            answer = await admin.get(f"{row.path}?sort={evil}")
            assert answer.status == 422, row
            answer = await admin.get(f"{row.path}?{evil}=1")
            assert answer.status == 400, row
    assert (await admin.get("/v1/users")).status == 200


async def test_of_many_decisions_at_once_one_is_made_and_never_by_who_asked(
    database: str,
) -> None:
    office = await furnished(database)
    payment = await paid(database, USUAL_LIMIT_MINOR + 5)
    asker = await person(office, Role.MERCHANT_OWNER)
    others = [await person(office, Role.MERCHANT_OWNER) for _ in range(4)]
    approval = (await ask(asker, {"payment": payment})).json["approval_id"]
    codes: list[str] = []

    async def decide(browser: Browser, word: str) -> None:
        target = f"/v1/approvals/{approval}:{word}"
        answer = await browser.send("POST", target, {"reason": "now"})
        codes.append(answer.json.get("code", "done"))

    async with trio.open_nursery() as nursery:
        for number, browser in enumerate([asker, *others, asker]):
            nursery.start_soon(decide, browser, "reject" if number % 2 else "approve")
    assert codes.count("done") == 1
    assert set(codes) <= {"done", "already_decided", "self_approval"}
    trail = (await others[0].get("/v1/audit_events?act[prefix]=approvals:&result=done")).json
    assert len(trail["data"]) == 1


async def at_once(browsers: list[Browser], target: str, body: dict[str, Any]) -> list[int]:
    statuses: list[int] = []

    async def send(browser: Browser) -> None:
        statuses.append((await browser.send("POST", target, body, key="race")).status)

    async with trio.open_nursery() as nursery:
        for browser in browsers:
            nursery.start_soon(send, browser)
    return sorted(statuses)


async def test_of_one_act_at_once_by_several_one_is_done(database: str) -> None:
    office = await furnished(database)
    await person(office, Role.MERCHANT_VIEWER)
    admins = [await person(office, Role.PLATFORM_ADMIN) for _ in range(3)]
    admin = admins[0]
    user = (await admin.get("/v1/users?role=merchant_viewer")).json["data"][0]["id"]
    key = {"name": "till", "role": "merchant_viewer", "scopes": ["reports:view"], "mid": MID}
    made = (await admin.send("POST", "/v1/api_keys", key, key="k")).json["id"]
    known = await bodies(admin)
    applied = await admin.send("POST", "/v1/applications", known["POST", "/v1/applications"])
    application = applied.json["id"]
    taken = known["POST", "/v1/applications/{application_id}:approve"] | {"mid": "898100053318888"}
    role = {"role": "merchant_staff", "mid": MID}
    terminal = f"/v1/terminals/{MID}/{TIDS[0]}"
    for target, body in (
        (f"/v1/users/{user}:give_role", role),
        (f"/v1/users/{user}:take_role", role),
        (f"/v1/api_keys/{made}:revoke", {}),
        (f"/v1/applications/{application}:approve", taken),
        (f"{terminal}:suspend", {}),
        (f"{terminal}:activate", {}),
        (f"/v1/users/{user}:close", {}),
    ):
        statuses = await at_once(admins, target, body)
        assert statuses[0] in {200, 201}, (target, statuses)
        assert set(statuses[1:]) <= {404, 409}, (target, statuses)


async def test_a_route_without_a_row_cannot_be_added_and_one_beside_is_seen(database: str) -> None:
    office = await furnished(database)

    async def planted(_: Ask, __: object) -> dict[str, object]:
        return {}

    with pytest.raises(KeyError):
        Routes(FastAPI(), office).add("GET", "/v1/planted", planted)
    frame = make_app(office)
    app: FastAPI = frame._app  # type: ignore[attr-defined]  # of the frame
    app.add_api_route("/v1/planted", planted, methods=["GET"])
    found = {
        (method, route.path)
        for route in app.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    heads = {("HEAD", row.path) for row in ROUTES.values() if row.is_headed}
    assert found - set(ROUTES) - heads == {("GET", "/v1/planted")}


async def test_a_replayed_act_is_done_once(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    target = f"/v1/terminals/{MID}/{TIDS[0]}:suspend"
    first = await admin.send("POST", target, {}, key="once")
    again = await admin.send("POST", target, {}, key="once")
    assert (first.status, again.status) == (200, 200)
    assert again.headers["idempotency-replayed"] == "true"
    assert (await admin.send("POST", target, {}, key="twice")).status == 409
    assert (await admin.send("POST", target, {})).status == 409
    trail = (await admin.get("/v1/audit_events?act=terminals:suspend")).json["data"]
    assert len(trail) == 1


async def test_of_two_changes_from_one_reading_the_second_is_refused(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    place = {"mid": MID, "name": "Quay", "city": "Shanghai"}
    outlet = (await admin.send("POST", "/v1/outlets", place, key="o")).json["id"]
    for target, change in (
        (f"/v1/merchants/{MID}", {"city": "Suzhou"}),
        (f"/v1/outlets/{outlet}", {"name": "Quay 4"}),
        (f"/v1/terminals/{MID}/{TIDS[0]}", {"serial": "N5-1"}),
    ):
        assert (await admin.send("PATCH", target, change)).status == 428
        tag = (await admin.get(target)).headers["etag"]
        statuses: list[int] = []

        async def send(target: str, change: dict[str, str], tag: str, found: list[int]) -> None:
            found.append((await admin.send("PATCH", target, change, if_match=tag)).status)

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(send, target, change, tag, statuses)
        assert sorted(statuses) == [200, 412, 412], target
