"""Refunds as they are asked for: limits, the rest, fresh codes, a second person under race."""

from collections.abc import Mapping

import trio

from pointsman.console import ids
from pointsman.console.office import Office
from pointsman.console.payments import PREFIX
from pointsman.console.refunding import USUAL_LIMIT_MINOR
from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, Answer, Browser, furnished, person
from tests.store.house import MID, transaction, worker


async def paid(url: str, amount: int = 1000) -> str:
    async with worker(url) as house:
        sale = transaction(1, amount=amount)
        await house.approve(sale)
    return ids.encode(PREFIX, sale.id)


async def ask(browser: Browser, body: Mapping[str, object], key: str = "k") -> Answer:
    return await browser.send("POST", "/v1/refunds", {"reason": "returned", **body}, key=key)


async def stale(office: Office) -> None:
    async with office.pool.act() as act:
        await act.rows("update sessions set proven_at = now() - interval '6 minutes'")


async def test_a_refund_that_no_worker_took_is_pending_and_has_one_request_key(
    database: str,
) -> None:
    office = await furnished(database)
    payment = await paid(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    first = await ask(owner, {"payment": payment})
    assert (first.status, first.json["state"]) == (201, "pending")
    assert first.json["amount"]["amount"] == 1000
    again = await ask(owner, {"payment": payment})
    assert again.json["id"] == first.json["id"]
    waiting = await office.refunds.not_handed_over(0, 10)
    assert [(row.batch, row.stan) for row in waiting] == [("000001", "000001")]
    assert (await owner.get(f"/v1/refunds/{first.json['id']}")).json == first.json
    listed = (await owner.get(f"/v1/refunds?payment={payment}")).json["data"]
    assert [one["id"] for one in listed] == [first.json["id"]]


async def test_what_cannot_be_given_back_is_refused(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    for body, status, code in (
        ({"payment": payment, "amount": 1001}, 422, "refund_exceeds_rest"),
        ({"payment": payment, "currency": "JPY"}, 422, "currency_mismatch"),
        ({"payment": payment, "amount": 0}, 422, "validation_failed"),
        ({"payment": payment, "amount": -5}, 422, "validation_failed"),
        ({"payment": payment, "state": "approved"}, 422, "validation_failed"),
        ({"payment": ids.encode(PREFIX, bytes(16))}, 404, "not_found"),
    ):
        answer = await ask(owner, body)
        assert (answer.status, answer.json["code"]) == (status, code), answer.text
    assert (await ask(stranger, {"payment": payment})).status == 404
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert (await ask(viewer, {"payment": payment})).status == 403
    assert (await owner.get("/v1/refunds")).json["data"] == []


async def test_over_the_limit_a_fresh_code_and_a_second_person_are_needed(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database, USUAL_LIMIT_MINOR + 1)
    owner = await person(office, Role.MERCHANT_OWNER)
    await stale(office)
    refused = await ask(owner, {"payment": payment})
    assert (refused.status, refused.json["code"]) == (403, "step_up_required")
    owner, second = [await person(office, Role.MERCHANT_OWNER) for _ in range(2)]
    asked = await ask(owner, {"payment": payment})
    assert (asked.status, asked.json["state"]) == (202, "waiting_approval")
    target = f"/v1/approvals/{asked.json['approval_id']}:approve"
    own = await owner.send("POST", target, {})
    assert (own.status, own.json["code"]) == (422, "self_approval")
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    assert (await stranger.send("POST", target, {})).status == 404
    answers: list[Answer] = []

    async def approve(browser: Browser) -> None:
        answers.append(await browser.send("POST", target, {"reason": "seen"}))

    third = await person(office, Role.PLATFORM_ADMIN)
    async with trio.open_nursery() as nursery:
        for browser in (second, third, second, third):
            nursery.start_soon(approve, browser)
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    assert len(await office.refunds.not_handed_over(0, 10)) == 1
    trail = (await third.get("/v1/audit_events")).json["data"]
    words = [(row["act"], row["result"]) for row in trail]
    assert words.count(("approvals:approve", "done")) == 1
    assert ("approvals:approve", "refused") in words


async def test_a_rejected_refund_stays_undone(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database, USUAL_LIMIT_MINOR + 1)
    owner, second = [await person(office, Role.MERCHANT_OWNER) for _ in range(2)]
    asked = await ask(owner, {"payment": payment})
    target = f"/v1/approvals/{asked.json['approval_id']}"
    assert (await second.send("POST", f"{target}:reject", {"reason": "no"})).status == 200
    assert (await second.send("POST", f"{target}:approve", {})).status == 409
    found = (await owner.get(f"/v1/refunds/{asked.json['id']}")).json
    assert found["state"] == "rejected"
    assert await office.refunds.not_handed_over(0, 10) == []


async def test_the_limit_is_set_by_who_may_authorise_with_a_fresh_code(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    target, body = f"/v1/merchants/{MID}:set_refund_limit", {"amount": 500, "reason": "new"}
    assert (await owner.send("POST", target, body)).status == 403
    assert (await admin.send("POST", target, body)).status == 200
    assert (await ask(owner, {"payment": payment, "amount": 501})).status == 202
    assert (await ask(owner, {"payment": payment, "amount": 499}, "k2")).status == 201
    await stale(office)
    assert (await admin.send("POST", target, body)).json["code"] == "step_up_required"
