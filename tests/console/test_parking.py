"""Parked messages: two people of the platform say the same, one alone never; tenants only look."""

import psycopg
import trio

from pointsman.console import ids
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, Answer, Browser, furnished, person
from tests.store.house import MID, TIDS, worker
from tests.store.test_parked_sql import parked


async def one_parked(url: str) -> str:
    async with worker(url) as house:
        return ids.encode(PREFIX, (await parked(house, 1)).id)


async def test_two_people_end_what_is_parked_and_one_alone_does_not(database: str) -> None:
    office = await furnished(database)
    payment = await one_parked(database)
    ann, bob = [await person(office, Role.OPERATOR) for _ in range(2)]
    (listed,) = (await ann.get("/v1/exceptions")).json["data"]
    assert (listed["payment"], listed["state"], listed["code"]) == (payment, "parked", "06")
    assert (listed["kind"], listed["proposal"]) == ("unknown_outcome", "decide")
    target, body = f"/v1/exceptions/{payment}:not_done", {"reason": "seen in their file"}
    assert (await ann.send("POST", target, {})).status == 422
    first = await ann.send("POST", target, body)
    assert (first.status, first.json["state"]) == (202, "waiting_approval")
    assert (await ann.send("POST", target, body)).json["code"] == "self_approval"
    assert (await ann.get("/v1/exceptions")).json["data"][0]["asked"] == "not-done"
    answers: list[Answer] = []

    async def say(browser: Browser) -> None:
        answers.append(await browser.send("POST", target, body))

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(say, bob)
    assert sorted(answer.status for answer in answers) == [200, 404, 404]
    assert (await bob.get("/v1/exceptions?state=parked")).json["data"] == []
    trail = (await (await person(office, Role.PLATFORM_ADMIN)).get("/v1/audit_events")).json
    words = [(row["act"], row["result"]) for row in trail["data"]]
    assert words.count(("parked:decide", "done")) == 2
    assert ("parked:decide", "refused") in words


async def test_what_does_not_agree_waits_beside_what_is_owed(database: str) -> None:
    office = await furnished(database)
    await one_parked(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "insert into exceptions (kind, mid, tid, batch, stan, expected_minor, found_minor, at)"
            " values ('terminal lost it', %s, %s, '000042', '000777', 500, null,"
            " now() - interval '2 hours')",
            (MID, TIDS[0]),
        )
    owner = await person(office, Role.MERCHANT_OWNER)
    older, parked_one = (await owner.get("/v1/exceptions")).json["data"]
    assert (older["kind"], older["proposal"]) == ("terminal_lost_it", "ask_merchant")
    assert older["expected"]["text"] == "5.00"
    assert older["age_s"] >= 7200 > parked_one["age_s"]
    found = await owner.get("/v1/exceptions?kind=terminal_lost_it,late_approval&include=total")
    assert found.json["total"]["count"] == 1
    newest = (await owner.get("/v1/exceptions?sort=-since&limit=1")).json["data"]
    assert newest[0]["state"] == "parked"
    files = await owner.get("/export/exceptions?format=csv&state=open")
    assert len(files.text.splitlines()) == 2
    page = (await owner.get("/exceptions?state=open")).text
    assert "Terminal lost it" in page
    assert "2 h 0 min" in page


async def test_tenants_look_at_their_own_and_decide_nothing(database: str) -> None:
    office = await furnished(database)
    payment = await one_parked(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    assert len((await owner.get("/v1/exceptions")).json["data"]) == 1
    assert (await stranger.get("/v1/exceptions")).json["data"] == []
    body = {"reason": "mine"}
    assert (await owner.send("POST", f"/v1/exceptions/{payment}:done", body)).status == 404
    operator = await person(office, Role.OPERATOR)
    async with office.pool.act() as act:
        await act.rows("update sessions set proven_at = now() - interval '6 minutes'")
    late = await operator.send("POST", f"/v1/exceptions/{payment}:done", body)
    assert late.json["code"] == "step_up_required"
