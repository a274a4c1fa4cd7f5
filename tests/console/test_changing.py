"""Changing: suspended and active again, once, within reach, with its trace in the same commit."""

from pointsman.console.rights import Role
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from tests.console.browser import CSRF, OTHER_MID, Answer, Browser, furnished, person
from tests.store.house import MID, TIDS

TERMINAL = f"/v1/terminals/{MID}/{TIDS[0]}"


async def act(browser: Browser, path: str) -> Answer:
    return await browser.ask("POST", path, more={"x-csrf-token": CSRF})


async def test_a_suspended_terminal_is_so_for_the_workers_and_the_trail(database: str) -> None:
    office = await furnished(database)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    admin = await person(office, Role.PLATFORM_ADMIN)
    pool = Pool(database)
    before = await SiteSql(pool).stored_site()
    refused = await act(viewer, f"{TERMINAL}:suspend")
    assert refused.status == 403
    assert (await act(stranger, f"{TERMINAL}:suspend")).status == 404
    assert (await act(admin, f"{TERMINAL}:suspend")).json["active"] is False
    after = await SiteSql(pool).stored_site()
    pool.close()
    assert after.version == before.version + 1
    assert not after.terminals[MID, TIDS[0]].active
    assert after.terminals[MID, TIDS[1]].active
    assert (await act(admin, f"{TERMINAL}:suspend")).status == 409
    assert (await act(admin, f"{TERMINAL}:activate")).status == 200
    trail = (await admin.get("/v1/audit_events")).json["data"]
    assert [(row["act"], row["object_id"], row["result"]) for row in trail] == [
        ("terminals:activate", f"{MID}/{TIDS[0]}", "done"),
        ("terminals:suspend", f"{MID}/{TIDS[0]}", "done"),
        ("terminals:manage", "POST /v1/terminals/{mid}/{tid}:suspend", "refused"),
    ]


async def test_a_merchant_is_suspended_by_who_may_authorise_it(database: str) -> None:
    office = await furnished(database)
    operator = await person(office, Role.OPERATOR)
    admin = await person(office, Role.PLATFORM_ADMIN)
    assert (await act(operator, f"/v1/merchants/{MID}:suspend")).status == 403
    assert (await act(admin, f"/v1/merchants/{MID}:suspend")).status == 200
    assert (await admin.get(f"/v1/merchants/{MID}")).json["state"] == "suspended"
    assert (await act(admin, f"/v1/merchants/{OTHER_MID}:suspend")).status == 404


async def test_the_page_has_a_button_for_who_may_and_none_for_others(database: str) -> None:
    office = await furnished(database)
    operator = await person(office, Role.OPERATOR)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert 'value="suspend"' in (await operator.get("/terminals")).text
    assert 'value="suspend"' not in (await viewer.get("/terminals")).text
    form = {"mid": MID, "tid": TIDS[0], "act": "suspend"}
    assert (await operator.post("/terminals", form)).status == 303
    assert 'value="activate"' in (await operator.get("/terminals")).text


async def test_staff_bring_a_terminal_into_service_and_do_not_undo_the_platforms_word(
    database: str,
) -> None:
    office = await furnished(database)
    owner, operator, staff, viewer = [
        await person(office, role)
        for role in (
            *(Role.MERCHANT_OWNER, Role.OPERATOR),
            *(Role.MERCHANT_STAFF, Role.MERCHANT_VIEWER),
        )
    ]
    assert (await act(staff, f"{TERMINAL}:suspend")).status == 403
    assert (await act(owner, f"{TERMINAL}:suspend")).status == 200
    assert (await act(viewer, f"{TERMINAL}:activate")).status == 403
    assert (await act(staff, f"{TERMINAL}:activate")).json["active"] is True
    assert (await act(operator, f"{TERMINAL}:suspend")).status == 200
    kept = await act(staff, f"{TERMINAL}:activate")
    assert (kept.status, kept.json["code"]) == (409, "state_conflict")
    assert (await act(owner, f"{TERMINAL}:activate")).status == 200


async def test_staff_of_an_outlet_activate_what_stands_there(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    pool, corner = Pool(database), bytes(15) + b"1"
    await pool.rows(
        "insert into outlets (id, mid, name, city, address) values (%s, %s, 'Corner', '', '')",
        (corner, MID),
    )
    await pool.rows(
        "select place_terminal(%s, %s, %s, '', now() - interval '1 day')", (MID, TIDS[0], corner)
    )
    pool.close()
    staff = await person(office, Role.MERCHANT_STAFF, MID, corner)
    for tid in TIDS[:2]:
        assert (await act(owner, f"/v1/terminals/{MID}/{tid}:suspend")).status == 200
    assert (await act(staff, f"/v1/terminals/{MID}/{TIDS[0]}:activate")).status == 200
    assert (await act(staff, f"/v1/terminals/{MID}/{TIDS[1]}:activate")).status == 404
