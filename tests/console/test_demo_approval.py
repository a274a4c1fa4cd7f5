"""A demo begins with one refund that waits for a second person; another house never has it."""

from dataclasses import replace

from pointsman.console import demo_approval, demo_people
from pointsman.console.rights import Role
from pointsman.console.seal import Seal
from tests.console.browser import KEY, furnished, person
from tests.reports.day import close_day, open_day
from tests.store.house import transaction, worker


async def test_one_refund_waits_and_only_once(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=9_000))
        sale = await house.approve(transaction(2, amount=12_000))
        await close_day(database, await open_day(database))
    assert await demo_approval.make(office) is None, "no demo"
    demo = replace(office, mode="demo")
    assert await demo_approval.make(demo) is None, "nobody is here to ask"
    await demo_people.make(demo, Seal(KEY))
    made = await demo_approval.make(demo)
    assert made is not None
    assert await demo_approval.make(demo) is None
    owner = await person(office, Role.MERCHANT_OWNER)
    waiting = (await owner.get("/v1/approvals?state=open")).json["data"]
    assert [one["summary"]["amount"]["amount"] for one in waiting] == [sale.approved_minor]
    assert waiting[0]["asked_by"] == "staff"
