"""Reading: pages lose and repeat nothing while sales arrive, references find, figures are right."""

from pointsman.console.rights import Role
from pointsman.store.records import State
from tests.console.browser import furnished, person
from tests.reports.day import refund
from tests.store.house import MID, TIDS, declined, transaction, worker


async def test_pages_lose_and_repeat_nothing_while_payments_arrive(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        for stan in range(1, 12):
            await house.approve(transaction(stan))
        seen: list[str] = []
        target = "/v1/payments?limit=3"
        while target:
            page = (await admin.get(target)).json
            seen += [one["stan"] for one in page["data"]]
            await house.approve(transaction(100 + len(seen)))  # newer: never on a later page
            following = page["page"]["next"]
            target = f"/v1/payments?limit=3&after={following}" if following else ""
    assert seen == [f"{stan:06d}" for stan in range(11, 0, -1)]


async def test_any_reference_finds_the_payment_and_a_foreign_one_nothing(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        wanted = transaction(42, amount=4200, tid=TIDS[3])
        await house.approve(transaction(41))
        await house.approve(wanted)
    by_rrn = (await admin.get(f"/v1/payments?q={wanted.rrn}")).json["data"]
    assert [one["stan"] for one in by_rrn] == ["000042"]
    for reference in (by_rrn[0]["id"], "000042", "HOST" + wanted.rrn[4:], TIDS[3], "42.00"):
        found = (await admin.get(f"/v1/payments?q={reference}")).json["data"]
        assert [one["id"] for one in found] == [by_rrn[0]["id"]], reference
    assert (await admin.get("/v1/payments?q=999999999999")).json["data"] == []
    assert (await admin.get("/v1/payments?q=' or 1=1 --")).json["data"] == []


async def test_filters_keep_what_they_name(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await house.approve(transaction(1))
        refused = transaction(2)
        await house.intend(refused)
        await house.conclude(declined(refused))
    found = (await admin.get("/v1/payments?state=declined")).json["data"]
    assert [(one["stan"], one["response_code"]) for one in found] == [("000002", "51")]
    assert (await admin.get("/v1/payments?response_code=00")).json["data"][0]["stan"] == "000001"
    assert (await admin.get("/v1/payments?acquirer=beta")).json["data"] == []
    assert (await admin.get("/v1/payments?business_date=2026-13-01")).status == 422


async def test_overview_counts_what_the_journal_holds(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    async with worker(database) as house:
        first = await house.approve(transaction(1, amount=1000))
        await house.approve(transaction(2, amount=2345))
        lost = transaction(3)
        await house.intend(lost)
        await house.conclude(declined(lost))
    assert first.state is State.APPROVED
    found = (await admin.get("/v1/overview")).json
    assert [one["net"]["text"] for one in found["money"]] == ["33.45"]
    assert found["attempts"]["approval_bp"] == 6666
    assert found["attempts"]["answer_bp"] == 10_000
    assert [one["name"] for one in found["acquirers"]] == ["alpha"]
    assert "acquirers" not in (await viewer.get("/v1/overview")).json


async def test_a_payments_story_is_its_journal_and_holds_no_secret(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await house.approve(transaction(5))
    payment = (await admin.get("/v1/payments")).json["data"][0]
    answer = await admin.get(f"/v1/payments/{payment['id']}")
    assert [event["kind"] for event in answer.json["timeline"]] == ["intent", "outcome"]
    assert "token" not in answer.text
    assert "cipher" not in answer.text
    assert "fingerprint" not in answer.text


async def test_a_batch_tells_its_sums_open_or_closed_and_leads_to_its_payments(
    database: str,
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1, amount=5000))
        await house.approve(transaction(2, amount=700))
        await refund(house, sale, 3, 40)
        admin = await person(office, Role.PLATFORM_ADMIN)
        page = (await admin.get(f"/v1/batches?mid={MID}")).json
        (one,) = [found for found in page["data"] if found["debits"]["count"]]
        assert (one["state"], one["journal_totals"]) == ("open", None)
        assert one["debits"] == {
            "count": 2,
            "sum": {"amount": 5700, "currency": "CNY", "text": "57.00"},
        }
        assert (one["credits"]["count"], one["net"]["amount"]) == (1, 5660)
        assert page["totals"][0]["net"] == one["net"]
        key = (MID, one["terminal"], one["batch"])
        await house.pool.rows("select settle_batch(%s, %s, %s, '{}')", key)
        await house.pool.rows("select close_batch(%s, %s, %s, 0)", key)
    closed = (await admin.get("/v1/batches/" + "/".join(key))).json
    assert closed["state"] == "closed"
    assert [closed[name] for name in ("debits", "credits", "net")] == [
        one[name] for name in ("debits", "credits", "net")
    ]
    text = (await admin.get("/batches")).text
    assert "56.60" in text
    assert "total of this page" in text
    link = f"/payments?mid={MID}&amp;tid={one['terminal']}&amp;batch={one['batch']}"
    assert link in text
    assert (await admin.get(link.replace("&amp;", "&"))).text.count('href="/payments/pay_') == 3
    files = (await admin.get("/export/batches")).body.decode("utf-8-sig")
    assert ",2,57.00,1,0.40,56.60" in files
