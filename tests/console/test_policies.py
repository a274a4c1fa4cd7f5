"""Limits of a merchant: told with their version, changed by two people, followed by workers."""

import trio

from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from tests.console.browser import OTHER_MID, Answer, Browser, furnished, person
from tests.store.house import MID, transaction, worker

PATH = f"/v1/merchants/{MID}/limits"
WANTED = {"day_minor_max": 500_000, "forbids": ["manual"], "method_max_minor": {"chip": 9_000}}


async def ask(browser: Browser, rules: object, tag: str = "") -> Answer:
    tag = tag or (await browser.get(PATH)).headers["etag"]
    body = {"rules": rules, "reason": "a new contract"}
    return await browser.send("PUT", PATH, body, if_match=tag)


async def decided(browser: Browser, asked: Answer, word: str = "approve") -> Answer:
    target = f"/v1/approvals/{asked.json['approval_id']}:{word}"
    return await browser.send("POST", target, {"reason": "seen"})


async def test_limits_are_asked_by_one_and_put_in_force_by_another(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    operator = await person(office, Role.OPERATOR)
    told = await operator.get(PATH)
    assert (told.json["rules"], told.json["state"]) == ({}, "in_force")
    asked = await ask(operator, WANTED)
    assert (asked.status, asked.json["state"]) == (202, "waiting_approval"), asked.text
    assert (await admin.get(PATH)).json["rules"] == {}
    again = await ask(operator, {"day_count_max": 3})
    assert (again.status, again.json["code"]) == (409, "state_conflict")
    assert (await decided(operator, asked)).status == 403  # nobody without the right
    assert (await decided(admin, asked)).status == 200
    found = (await operator.get(PATH)).json
    assert (found["rules"], found["approval_id"]) == (WANTED, None)
    pool = Pool(database)
    directory = await SiteSql(pool).directory(0)
    pool.close()
    assert directory is not None
    assert directory.merchants[MID].rules.day_minor_max == 500_000
    trail = (await admin.get("/v1/audit_events?act[prefix]=limits")).json["data"]
    assert [row["act"] for row in trail] == ["limits:change", "limits:ask"]
    assert trail[0]["after"]["rules"] == WANTED
    assert trail[0]["reason"] == "a new contract"
    rejected = await ask(operator, {})
    assert (await decided(admin, rejected, "reject")).status == 200
    assert (await operator.get(PATH)).json["rules"] == WANTED


async def test_the_only_administrator_decides_alone_and_two_of_them_do_not(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    assert (await ask(admin, WANTED)).status == 200
    same = await ask(admin, WANTED)
    assert (same.status, same.json["code"]) == (409, "state_conflict")
    second = await person(office, Role.PLATFORM_ADMIN)
    asked = await ask(admin, {})
    assert asked.status == 202
    own = await decided(admin, asked)
    assert (own.status, own.json["code"]) == (422, "self_approval")
    assert (await decided(second, asked)).status == 200
    await stale(office)
    late = await ask(admin, WANTED)
    assert (late.status, late.json["code"]) == (403, "step_up_required")


async def stale(office: Office) -> None:
    async with office.pool.act() as act:
        await act.rows("update sessions set proven_at = now() - interval '6 minutes'")


async def test_what_changed_meanwhile_is_not_overwritten(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    operator = await person(office, Role.OPERATOR)
    asked = await ask(operator, WANTED)
    assert (await ask(admin, {"day_count_max": 9})).status == 200  # the only one: alone
    late = await decided(admin, asked)
    assert (late.status, late.json["code"]) == (409, "state_conflict")
    assert (await admin.get(PATH)).json["rules"] == {"day_count_max": 9}
    assert (await decided(admin, asked, "reject")).status == 200
    assert (await admin.send("PUT", PATH, {"rules": {}, "reason": "x"})).status == 428
    assert (await ask(admin, {}, tag='"other"')).status == 412
    tag = (await admin.get(PATH)).headers["etag"]
    statuses: list[int] = []

    async def send(number: int) -> None:
        statuses.append((await ask(admin, {"day_count_max": number}, tag)).status)

    async with trio.open_nursery() as nursery:
        for number in range(20, 24):
            nursery.start_soon(send, number)
    assert sorted(statuses) == [200, 412, 412, 412]


async def test_what_is_used_stands_beside_the_limits(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        for stan in (1, 2):
            await house.intend(transaction(stan, amount=700), limits={"day_count_max": 9})
    used = (await admin.get(PATH)).json["used"]
    assert [(one["what"], one["day"]["count"]) for one in used] == [("sales", 2), ("refunds", 0)]
    assert used[0]["month"]["sum"]["amount"] == 1400


async def test_of_many_askings_at_once_one_waits(database: str) -> None:
    office = await furnished(database)
    await person(office, Role.PLATFORM_ADMIN)
    operators = [await person(office, Role.OPERATOR) for _ in range(4)]
    statuses: list[int] = []

    async def send(browser: Browser, number: int) -> None:
        statuses.append((await ask(browser, {"day_count_max": number})).status)

    async with trio.open_nursery() as nursery:
        for number, browser in enumerate(operators, 1):
            nursery.start_soon(send, browser, number)
    assert statuses.count(202) == 1
    assert set(statuses) <= {202, 409, 503}  # 503: a slow machine's database, and nothing done


async def test_wrong_limits_and_other_merchants_are_refused(database: str) -> None:
    office = await furnished(database)
    operator = await person(office, Role.OPERATOR)
    for rules in ({"day_minor": 5}, {"day_count_max": 0}, {"forbids": ["walk"]}, {"night": "x"}):
        answer = await ask(operator, rules)
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/rules"), rules
    owner = await person(office, Role.MERCHANT_OWNER)
    assert (await ask(owner, WANTED)).status == 202  # asks for what is its own
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    assert (await stranger.get(PATH)).status == 404
    assert (await ask(stranger, WANTED, tag='"x"')).status == 404
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert (await viewer.get(PATH)).status == 403
