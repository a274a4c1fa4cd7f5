"""Onboarding: one act, one commit; the workers' view, the trail and the journal have it at once."""

from collections.abc import Mapping
from typing import Any

import trio

from pointsman.console.rights import Role
from pointsman.hsm.keys import kcv
from pointsman.hsm.primitives import Algorithm, decryptor
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.site_rows import StoredSite
from tests.console.browser import OTHER_MID, Answer, Browser, LaboratoryKeys, furnished, person
from tests.hsm.laboratory import ZMK
from tests.store.house import MID, TIDS

NEW_MID = "898100053318888"
MERCHANT = {
    "mid": NEW_MID,
    "name": "茶 & <b>Co</b>",
    "mcc": "5812",
    "city": "Shanghai",
    "routes": [{"acquirer": "alpha"}],
    "outlet": "Bund",
}
TERMINAL = {"mid": NEW_MID, "tid": "00000042", "serial": "SN-1"}


async def site(url: str) -> StoredSite:
    pool = Pool(url)
    found = await SiteSql(pool).stored_site()
    pool.close()
    return found


async def add(browser: Browser, target: str, body: Mapping[str, Any], key: str = "a") -> Answer:
    return await browser.send("POST", target, body, key=key)


async def test_a_merchant_and_its_terminal_are_there_for_the_workers(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    before = (await site(database)).version
    made = await add(admin, "/v1/merchants", MERCHANT)
    assert made.status == 201, made.text
    outlet = made.json["outlet"]
    terminal = await add(admin, "/v1/terminals", TERMINAL | {"outlet": outlet})
    assert terminal.status == 201, terminal.text
    assert "wrapped_key" not in terminal.json
    found = await site(database)
    assert found.version == before + 2
    assert found.merchants[NEW_MID].currency == "156"
    assert [route.acquirer for route in found.routes[NEW_MID]] == ["alpha"]
    row = found.terminals[NEW_MID, "00000042"]
    assert row.active
    assert row.tmk is not None
    assert row.tmk.check_value == terminal.json["key_check_value"]
    batches = (await admin.get(f"/v1/batches?mid={NEW_MID}")).json["data"]
    assert [(one["terminal"], one["state"]) for one in batches] == [("00000042", "open")]
    acts = [row["act"] for row in (await admin.get("/v1/audit_events")).json["data"]]
    assert acts[:2] == ["terminals:create", "merchants:create"]
    listed = (await admin.get(f"/v1/outlets?mid={NEW_MID}")).json["data"]
    assert [(one["id"], one["name"], one["terminals"]) for one in listed] == [(outlet, "Bund", 1)]


async def test_the_key_is_told_once_under_the_transport_key(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    keys = office.onboarding._keys
    assert isinstance(keys, LaboratoryKeys)
    body = {"mid": MID, "tid": "00000043"}
    body["transport_key"] = keys.laboratory.key("ZMK", ZMK).decode()
    made = await add(admin, "/v1/terminals", body)
    clear = decryptor(Algorithm.TDES, ZMK)(bytes.fromhex(made.json["wrapped_key"]))
    assert kcv(clear).hex().upper().startswith(made.json["key_check_value"])
    again = await add(admin, "/v1/terminals", body)
    assert again.headers["idempotency-replayed"] == "true"
    assert "wrapped_key" not in again.json
    assert again.json["key_check_value"] == made.json["key_check_value"]
    assert made.json["wrapped_key"] not in (await admin.get("/v1/audit_events")).text


async def test_a_request_is_done_once_for_its_key(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    assert (await admin.send("POST", "/v1/merchants", MERCHANT)).status == 400
    answers: list[Answer] = []

    async def one() -> None:
        answers.append(await add(admin, "/v1/merchants", MERCHANT))

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(one)
    # Who asks while another is still at it is told so; who asks after it hears the same.
    made = [answer for answer in answers if answer.status == 201]
    busy = [answer for answer in answers if answer.status == 409]
    assert made
    assert len(made) + len(busy) == 4
    assert {answer.json["code"] for answer in busy} <= {"idempotency_in_progress"}
    assert sum("idempotency-replayed" not in answer.headers for answer in made) == 1
    again = await add(admin, "/v1/merchants", MERCHANT)
    assert "idempotency-replayed" in again.headers
    assert {answer.text for answer in made} == {again.text}
    other = await add(admin, "/v1/merchants", MERCHANT | {"name": "Other"})
    assert (other.status, other.json["code"]) == (422, "idempotency_body_differs")
    twice = await add(admin, "/v1/merchants", MERCHANT, key="b")
    assert (twice.status, twice.json["code"]) == (409, "duplicate")
    # What was wrong left its key free.
    right = await add(admin, "/v1/merchants", MERCHANT | {"mid": OTHER_MID}, key="b")
    assert right.status == 201


async def test_what_is_wrong_is_named_and_nothing_is_written(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    before = (await site(database)).version
    for body, pointer in (
        (MERCHANT | {"routes": [{"acquirer": "nobody"}]}, "/routes"),
        (MERCHANT | {"currency": "XXZ"}, "/currency"),
        (MERCHANT | {"active": False}, "/active"),
        (MERCHANT | {"mid": MID + "0"}, "/mid"),
    ):
        answer = await add(admin, "/v1/merchants", body)
        assert answer.status == 422
        assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert (await add(admin, "/v1/terminals", TERMINAL)).status == 404
    assert (await site(database)).version == before
    text = await admin.send("POST", "/v1/merchants", b"{}", key="x", content_type="text/plain")
    assert text.status == 415


async def test_a_moved_terminal_has_one_binding_and_a_history(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    await add(admin, "/v1/merchants", MERCHANT)
    await add(admin, "/v1/terminals", TERMINAL)
    bound = await add(
        admin, "/v1/terminals", {"mid": MID, "tid": "00000099", "serial": "SN-1"}, "c"
    )
    assert (bound.status, bound.json["code"]) == (422, "terminal_bound_elsewhere")
    move = f"/v1/terminals/{NEW_MID}/00000042:move"
    body = {"mid": MID, "reason": "sold"}
    assert (await add(owner, move, body)).status == 404
    moved = await add(admin, move, body)
    assert moved.status == 201, moved.text
    found = await site(database)
    assert not found.terminals[NEW_MID, "00000042"].active
    assert found.terminals[MID, "00000042"].active
    old, new = found.terminals[NEW_MID, "00000042"].tmk, found.terminals[MID, "00000042"].tmk
    assert old is not None
    assert new is not None
    assert old.check_value != new.check_value
    history = (await admin.get(f"/v1/terminals/{MID}/00000042/bindings")).json["data"]
    assert [(one["mid"], one["until"] is None) for one in history] == [
        (MID, True),
        (NEW_MID, False),
    ]
    again = await admin.send("POST", f"/v1/terminals/{NEW_MID}/00000042:activate", {})
    assert again.status == 409
    theirs = (await owner.get(f"/v1/terminals/{MID}/00000042/bindings")).json["data"]
    assert [one["mid"] for one in theirs] == [MID]
    back = await add(
        admin, f"/v1/terminals/{MID}/00000042:move", {"mid": NEW_MID, "reason": "back"}, "d"
    )
    assert back.status == 201, back.text
    assert (await site(database)).terminals[NEW_MID, "00000042"].active


async def test_a_change_names_the_version_that_was_read(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    target = f"/v1/merchants/{MID}"
    tag = (await admin.get(target)).headers["etag"]
    assert (await admin.send("PATCH", target, {"name": "Tea 2"})).status == 428
    assert (await admin.send("PATCH", target, {"name": "Tea 2"}, if_match='"x"')).status == 412
    assert (await admin.send("PATCH", target, {"name": "Tea 2"}, if_match=tag)).status == 200
    assert (await admin.send("PATCH", target, {"name": "Tea 3"}, if_match=tag)).status == 412
    fresh = (await owner.get(target)).headers["etag"]
    category = await owner.send("PATCH", target, {"mcc": "7995"}, if_match=fresh)
    assert category.status == 403
    assert (await site(database)).merchants[MID].name == "Tea 2"


async def test_one_tenant_adds_nothing_to_another(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    assert (await add(owner, "/v1/merchants", MERCHANT)).status == 404
    other = {"mid": OTHER_MID, "tid": TIDS[0]}
    assert (await add(owner, "/v1/terminals", other)).status == 404
    outlet = {"mid": OTHER_MID, "name": "a", "city": "b"}
    assert (await add(owner, "/v1/outlets", outlet)).status == 404
