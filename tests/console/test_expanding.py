"""Members that are wanted, and what is told besides: known ones alone, and within one's rights."""

from pointsman.console.rights import Role
from tests.console.browser import Browser, furnished, person
from tests.store.house import MID, transaction, worker


async def test_only_the_wanted_members_are_told(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await house.approve(transaction(1))
    page = (await admin.get("/v1/payments?fields=id,state")).json
    assert page["data"][0].keys() == {"id", "state"}
    assert "as_of" in page
    one = (await admin.get(f"/v1/merchants/{MID}?fields=name")).json
    assert one == {"name": "Tea"}
    wrong = await admin.get("/v1/payments?fields=id,card_token")
    assert (wrong.status, wrong.json["code"]) == (400, "unknown_parameter")


async def test_what_is_expanded_needs_its_own_right(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await house.approve(transaction(1))
    target = "/v1/payments?expand=merchant,original"
    found = (await admin.get(target)).json["data"][0]["expanded"]
    assert found["merchant"]["name"] == "Tea"
    assert found["original"] is None
    key = {"name": "till", "role": "operator", "scopes": ["transactions:view"]}
    made = await admin.send("POST", "/v1/api_keys", key, key="k")
    assert made.status == 201, made.text
    machine = Browser(admin.app, headers={"authorization": f"Bearer {made.json['key']}"})
    assert (await machine.get(target)).json["data"][0]["expanded"]["merchant"] is None
    wrong = await admin.get("/v1/payments?expand=users")
    assert wrong.status == 422
