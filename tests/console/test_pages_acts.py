"""Pages of acts: a merchant and its terminal are added by clicking; wrong values are shown."""

import re

from pointsman.console.rights import Role
from tests.console.browser import CSRF, furnished, person
from tests.store.house import MID, TIDS

FORM = {
    "mid": "898100053318888",
    "name": "<script>alert(1)</script>",
    "mcc": "5812",
    "city": "Shanghai",
    "country": "CN",
    "acquirer": "alpha",
    "outlet": "Bund",
}


def once(text: str) -> str:
    found = re.search('name="once" value="([0-9a-f]{32})"', text)
    assert found is not None
    return found[1]


async def test_a_merchant_and_a_terminal_are_added_by_forms(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    assert 'href="/merchants/new"' in (await admin.get("/merchants")).text
    key = once((await admin.get("/merchants/new")).text)
    wrong = await admin.post("/merchants/new", FORM | {"once": key, "mcc": "58"})
    assert wrong.status == 422
    assert 'aria-invalid="true"' in wrong.text
    assert "<script>alert" not in wrong.text
    key = once(wrong.text)
    made = await admin.post("/merchants/new", FORM | {"once": key})
    assert (made.status, made.headers["location"]) == (
        303,
        "/merchants/898100053318888/terminals/new",
    )
    assert (await admin.post("/merchants/new", FORM | {"once": key})).status == 303
    form = (await admin.get(made.headers["location"])).text
    assert "&lt;script&gt;" in form
    assert "<script>alert" not in form
    done = await admin.post(
        made.headers["location"], {"tid": "00000042", "serial": "SN", "once": once(form)}
    )
    assert done.status == 200
    page = (await admin.get("/terminals/898100053318888/00000042")).text
    assert "SN" in page
    assert 'value="suspend"' in page


async def test_a_simulated_terminal_gets_the_line_with_which_it_pays(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    path = f"/merchants/{MID}/terminals/new"
    form = {"tid": "00000043", "simulated": "1", "once": once((await admin.get(path)).text)}
    made = (await admin.post(path, form)).text
    assert re.search(r"--tid 00000043 --wrapped-tmk [0-9A-F]{32} ", made)
    form = {"tid": "00000044", "once": once((await admin.get(path)).text)}
    assert "--wrapped-tmk" not in (await admin.post(path, form)).text
    path = f"/terminals/{MID}/00000044"
    moved = {"act": "move", "mid": MID, "tid": "00000045", "reason": "new desk", "simulated": "1"}
    again = (await admin.post(path, moved | {"once": once((await admin.get(path)).text)})).text
    assert re.search(r"--tid 00000045 --wrapped-tmk [0-9A-F]{32} ", again)


async def test_a_terminal_is_moved_and_suspended_on_its_page(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    path = f"/terminals/{MID}/{TIDS[0]}"
    assert (await admin.post(path, {"act": "suspend"})).status == 303
    assert (await admin.get(f"/v1{path}")).json["state"] == "suspended"
    key = once((await admin.get(path)).text)
    form = {"act": "move", "mid": MID, "tid": "00000077", "reason": "new desk", "once": key}
    moved = await admin.post(path, form)
    assert moved.status == 200
    assert "00000077" in moved.text
    state = f"/merchants/{MID}/state"
    assert (await admin.post(state, {"act": "suspend"})).status == 303
    assert (await admin.get(f"/v1/merchants/{MID}")).json["state"] == "suspended"


async def test_a_form_without_the_sessions_token_does_nothing(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    for csrf in ("", CSRF + "x"):
        assert (await admin.post("/merchants/new", FORM | {"csrf": csrf})).status == 403
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert 'href="/merchants/new"' not in (await viewer.get("/merchants")).text


async def test_staff_find_the_button_that_brings_a_terminal_into_service(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    staff = await person(office, Role.MERCHANT_STAFF)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    page = f"/terminals/{MID}/{TIDS[0]}"
    assert "/activate" not in (await staff.get(page)).text
    await owner.post(page, {"act": "suspend"})
    assert f'action="{page}/activate"' in (await staff.get(page)).text
    assert "/activate" not in (await viewer.get(page)).text
    assert (await viewer.post(f"{page}/activate", {})).status == 403
    assert (await staff.post(page, {"act": "activate"})).status == 403
    assert (await staff.post(f"{page}/activate", {})).status == 303
    assert "/activate" not in (await staff.get(page)).text
