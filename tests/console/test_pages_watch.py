"""The overview: of the whole platform for operators, of the own merchant for its people."""

import html
import re

import pytest

from pointsman.console.rights import Role
from tests.console.browser import furnished, person
from tests.console.test_reconciled import SETTLED, reconciled
from tests.store.house import transaction, worker


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_has_an_overview_with_the_newest_payments(
    database: str, role: Role
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(7, amount=123_450))
    text = (await (await person(office, role)).get("/")).text
    assert "1,234.50" in text
    assert text.count('data-id="pay_') == 1
    assert ("Attempts by acquirer" in text) is (
        role in {Role.PLATFORM_ADMIN, Role.OPERATOR, Role.RISK}
    )


async def test_another_merchants_overview_has_nothing_of_it(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(7, amount=123_450))
    other = await person(office, Role.MERCHANT_OWNER, "898100053319999")
    text = (await other.get("/")).text
    assert "1,234.50" not in text
    assert "pay_" not in text


async def test_selected_payments_are_exported_and_no_others_merchants(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        for number in (7, 8):
            await house.approve(transaction(number, amount=123_450))
    owner = await person(office, Role.MERCHANT_OWNER)
    first = (await owner.get("/v1/payments")).json["data"][0]["id"]
    form = {"picks": first, "format": "csv"}
    assert len((await owner.post("/export/payments", form)).text.splitlines()) == 2
    other = await person(office, Role.MERCHANT_OWNER, "898100053319999")
    assert len((await other.post("/export/payments", form)).text.splitlines()) == 1
    assert (await owner.post("/export/payments", {"picks": "pay_x"})).status == 422


async def test_every_order_that_a_head_of_the_list_offers_is_one(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(7))
    admin = await person(office, Role.PLATFORM_ADMIN)
    day = (await admin.get("/v1/overview")).json["business_date"]
    for path in ("/payments", f"/payments?business_date={day}"):
        heads = re.findall('class="sorter" href="([^"]+)"', (await admin.get(path)).text)
        assert heads
        for head in heads:
            assert (await admin.get(html.unescape(head))).status == 200, head


async def test_reconciliations_are_listed_for_the_platform_alone(database: str) -> None:
    office = await furnished(database)
    risk = await person(office, Role.RISK)
    owner = await person(office, Role.MERCHANT_OWNER)
    assert "Nothing was reconciled so far" in (await risk.get("/reconciliations")).text
    assert (await owner.get("/reconciliations")).status == 403
    await reconciled(database, SETTLED)
    page = await risk.get("/reconciliations?state=differs")
    assert page.text.count("data-row") == 1
    assert (
        "Nothing matches these filters" in (await risk.get("/reconciliations?state=refused")).text
    )
    file = await risk.get("/export/reconciliations?format=csv")
    assert len(file.text.splitlines()) == 3
