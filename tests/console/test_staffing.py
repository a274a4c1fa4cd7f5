"""People managed by others: within reach, only what one holds, the last administrator stays."""

import pytest
import trio

from pointsman.console import ids
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.console.staffing import USER
from tests.console.browser import OTHER_MID, Answer, Browser, furnished, person
from tests.store.house import MID


async def somebody(office: Office, role: Role, mid: str = MID) -> tuple[Browser, str]:
    known = {user.id for user in await office.people.all(None)}
    browser = await person(office, role, mid)
    made = next(user for user in await office.people.all(None) if user.id not in known)
    return browser, ids.encode(USER, made.id)


async def test_a_closed_person_is_out_at_once_and_out_of_reach_is_not_found(database: str) -> None:
    office = await furnished(database)
    owner, owner_id = await somebody(office, Role.MERCHANT_OWNER)
    staff, staff_id = await somebody(office, Role.MERCHANT_STAFF)
    stranger, stranger_id = await somebody(office, Role.MERCHANT_OWNER, OTHER_MID)
    _, admin_id = await somebody(office, Role.PLATFORM_ADMIN)
    for out_of_reach in (stranger_id, admin_id, "usr_x"):
        assert (await owner.send("POST", f"/v1/users/{out_of_reach}:close", {})).status == 404
    assert (await staff.send("POST", f"/v1/users/{owner_id}:close", {})).status == 403
    assert (await staff.get("/v1/me")).status == 200
    done = await owner.send("POST", f"/v1/users/{staff_id}:close", {"reason": "left"})
    assert done.json["state"] == "closed"
    assert (await staff.get("/v1/me")).status == 401
    assert (await owner.send("POST", f"/v1/users/{staff_id}:close", {})).status == 409
    assert (await stranger.get("/v1/me")).status == 200


async def test_the_last_administrator_stays_also_when_two_close_each_other(database: str) -> None:
    office = await furnished(database)
    (one, one_id), (two, two_id) = [await somebody(office, Role.PLATFORM_ADMIN) for _ in range(2)]
    answers: list[Answer] = []

    async def close(browser: Browser, user: str) -> None:
        answers.append(await browser.send("POST", f"/v1/users/{user}:close", {}))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(close, one, two_id)
        nursery.start_soon(close, two, one_id)
    assert sorted(answer.status for answer in answers) in ([200, 401], [200, 409])
    left = [user for user in await office.people.all(None) if user.state == "active"]
    assert len(left) == 1


async def test_one_gives_only_what_one_holds(database: str) -> None:
    office = await furnished(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    viewer, viewer_id = await somebody(office, Role.MERCHANT_VIEWER)
    target = f"/v1/users/{viewer_id}:give_role"
    given = await owner.send("POST", target, {"role": "merchant_staff", "mid": MID})
    assert given.status == 200, given.text
    assert (await owner.send("POST", target, {"role": "operator"})).status == 403
    other = {"role": "merchant_staff", "mid": OTHER_MID}
    assert (await owner.send("POST", target, other)).status == 403
    taken = {"role": "merchant_viewer", "mid": MID}
    assert (await owner.send("POST", f"/v1/users/{viewer_id}:take_role", taken)).status == 200
    assert (await viewer.get("/v1/me")).status == 401
    invited = {"login": "new.person", "role": "platform_admin"}
    assert (await owner.send("POST", "/v1/invitations", invited, key="k")).status == 403
    trail = (await owner.get("/v1/audit_events")).json["data"]
    assert "users:give" in {row["act"] for row in trail}


async def test_an_administrator_beside_others_is_made_by_two_people(database: str) -> None:
    office = await furnished(database)
    first, _ = await somebody(office, Role.PLATFORM_ADMIN)
    _, operator_id = await somebody(office, Role.OPERATOR)
    body = {"role": "platform_admin"}
    # With one administrator there is no second person to ask.
    assert (await first.send("POST", f"/v1/users/{operator_id}:give_role", body)).status == 200
    second, _ = await somebody(office, Role.PLATFORM_ADMIN)
    _, risk_id = await somebody(office, Role.RISK)
    asked = await first.send("POST", f"/v1/users/{risk_id}:give_role", body)
    assert (asked.status, asked.json["state"]) == (202, "waiting_approval")
    target = f"/v1/approvals/{asked.json['approval_id']}:approve"
    assert (await first.send("POST", target, {})).json["code"] == "self_approval"
    assert (await second.send("POST", target, {})).status == 200
    roles = {g.role for user in await office.people.all(None) for g in user.grants
             if ids.encode(USER, user.id) == risk_id}  # fmt: skip
    assert roles == {"risk", "platform_admin"}


async def test_an_invitation_is_told_once_and_lies_in_the_outbox(database: str) -> None:
    office = await furnished(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    stranger, _ = await somebody(office, Role.MERCHANT_OWNER, OTHER_MID)
    body = {"login": "new.person", "role": "merchant_viewer", "mid": MID}
    made = await owner.send("POST", "/v1/invitations", body, key="k")
    link = made.json["link"]
    assert (await Browser(owner.app).get(link)).status == 200
    again = await owner.send("POST", "/v1/invitations", body, key="k")
    assert "link" not in again.json
    listed = (await owner.get("/v1/outbox")).json["data"]
    assert [(one["recipient"], one["state"]) for one in listed] == [("new.person", "open")]
    assert link not in (await owner.get("/v1/outbox")).text
    shown = await owner.send("POST", f"/v1/outbox/{listed[0]['id']}:show", {})
    assert shown.json["link"] == link
    assert (await stranger.get("/v1/outbox")).json["data"] == []
    theirs = await stranger.send("POST", f"/v1/outbox/{listed[0]['id']}:show", {})
    assert theirs.status == 404


async def test_sessions_are_told_and_ended(database: str) -> None:
    office = await furnished(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    staff, staff_id = await somebody(office, Role.MERCHANT_STAFF)
    target = f"/v1/users/{staff_id}"
    found = (await owner.get(f"{target}/sessions")).json["data"]
    assert [one["address"] for one in found] == ["192.0.2.7"]
    ended = await owner.send("POST", f"{target}:end_sessions", {"session": found[0]["id"]})
    assert ended.json["ended"] == 1
    assert (await staff.get("/v1/me")).status == 401
    assert (await owner.get(f"{target}/sessions")).json["data"] == []


@pytest.mark.parametrize("word", ["reset", "give_role", "take_role"])
async def test_rights_and_resets_need_a_fresh_code(database: str, word: str) -> None:
    office = await furnished(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    _, staff_id = await somebody(office, Role.MERCHANT_STAFF)
    async with office.pool.act() as act:
        await act.rows("update sessions set proven_at = now() - interval '6 minutes'")
    body = {} if word == "reset" else {"role": "merchant_viewer", "mid": MID}
    late = await owner.send("POST", f"/v1/users/{staff_id}:{word}", body, key="k")
    assert (late.status, late.json["code"]) == (403, "step_up_required")
