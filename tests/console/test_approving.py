"""Decisions: listed where the right reaches, and a code that is not fresh decides nothing."""

from pointsman.console.refunding import USUAL_LIMIT_MINOR
from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, furnished, person
from tests.console.test_refunding import ask, paid, stale
from tests.store.house import MID


async def test_decisions_are_listed_where_the_right_reaches(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database, USUAL_LIMIT_MINOR + 5)
    owner = await person(office, Role.MERCHANT_OWNER)
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    asked = await ask(owner, {"payment": payment})
    approval = asked.json["approval_id"]
    assert [one["id"] for one in (await owner.get("/v1/approvals")).json["data"]] == [approval]
    name = (await owner.get(f"/v1/merchants/{MID}")).json["name"]
    told = (await owner.get(f"/v1/approvals/{approval}")).json
    assert told == (await owner.get("/v1/approvals")).json["data"][0]
    assert told["merchant_name"] == name != ""
    assert f">{name}</span>" in (await owner.get("/approvals")).text.partition("<tbody>")[2]
    assert (await stranger.get("/v1/approvals")).json["data"] == []
    assert (await owner.get("/v1/approvals?state=approved")).json["data"] == []
    assert (await owner.get("/v1/approvals?state=x")).status == 422
    second = await person(office, Role.MERCHANT_OWNER)
    await stale(office)
    late = await second.send("POST", f"/v1/approvals/{approval}:approve", {})
    assert (late.status, late.json["code"]) == (403, "step_up_required")
    assert (await second.send("POST", "/v1/approvals/apr_x:approve", {})).status == 404
