"""Refused cards: put on the list by a payment, taken off by two people, told by first six and last
four alone."""

from pointsman.console import ids
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from tests.console.browser import Answer, Browser, furnished, person
from tests.console.test_refunding import paid
from tests.store.house import transaction, worker


async def add(browser: Browser, payment: str, code: str = "41", key: str = "k") -> Answer:
    body = {"payment": payment, "code": code, "reason": "reported lost"}
    return await browser.send("POST", "/v1/blacklist", body, key=key)


async def test_a_listed_card_is_refused_from_the_next_payment_on(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    operator = await person(office, Role.OPERATOR)
    made = await add(operator, payment, "43")
    assert made.status == 201, made.text
    assert (await add(operator, payment, "43")).json == made.json  # the same key
    again = await add(operator, payment, "43", "other")
    assert (again.status, again.json["code"]) == (409, "state_conflict")
    (row,) = (await operator.get("/v1/blacklist?code=43")).json["data"]
    assert (row["id"], row["card"]) == (made.json["id"], "622848******0019")
    assert (await operator.get("/v1/blacklist?card[prefix]=9")).json["data"] == []
    async with worker(database) as house:
        refused = transaction(2)
        await house.intend(refused)
        state = await office.pool.value(
            "select state from transactions where id = %s", (refused.id,)
        )
        code = await office.pool.value(
            "select response_code from transactions where id = %s", (refused.id,)
        )
    assert (state, code) == ("refused", "43")
    shown = (await operator.get(f"/v1/payments/{ids.encode(PREFIX, refused.id)}")).json
    assert (shown["state"], shown["response_code"]) == ("refused", "43")


async def test_a_card_is_accepted_again_by_two_people(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    operator = await person(office, Role.OPERATOR)
    admin = await person(office, Role.PLATFORM_ADMIN)
    target = f"/v1/blacklist/{(await add(operator, payment)).json['id']}:remove"
    asked = await operator.send("POST", target, {"reason": "found"})
    assert (asked.status, asked.json["state"]) == (202, "waiting_approval")
    again = await operator.send("POST", target, {"reason": "found"})
    assert (again.status, again.json["code"]) == (409, "state_conflict")
    assert len((await admin.get("/v1/blacklist")).json["data"]) == 1
    (waiting,) = (await admin.get("/v1/approvals?kind=unlist_card")).json["data"]
    assert waiting["summary"]["card"] == "622848******0019"
    word = f"/v1/approvals/{asked.json['approval_id']}:approve"
    assert (await admin.send("POST", word, {})).status == 200
    assert (await admin.get("/v1/blacklist")).json["data"] == []
    trail = (await admin.get("/v1/audit_events?act[prefix]=blacklist")).json["data"]
    assert [row["act"] for row in trail] == [
        *("blacklist:remove", "blacklist:ask_remove", "blacklist:add"),
    ]
    gone = await admin.send("POST", target, {"reason": "found"})
    assert gone.status == 404
    assert (await add(operator, payment, key="anew")).status == 201
    alone = await admin.send("POST", target, {"reason": "the only one"})
    assert (alone.status, alone.json["state"]) == (200, "removed")


async def test_the_list_is_the_platforms_alone(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    admin = await person(office, Role.PLATFORM_ADMIN)
    refused = await add(owner, payment)
    assert (refused.status, refused.json["code"]) == (403, "permission_denied")
    made = (await add(admin, payment)).json
    assert (await owner.get("/v1/blacklist")).json["data"] == []
    target = f"/v1/blacklist/{made['id']}:remove"
    assert (await owner.send("POST", target, {"reason": "mine"})).status == 403
    assert (await add(admin, ids.encode(PREFIX, bytes(16)), key="2")).status == 404
    assert (await (await person(office, Role.RISK)).get("/v1/blacklist")).status == 200
    assert (await add(await person(office, Role.RISK), payment)).status == 403
