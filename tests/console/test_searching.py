"""The search: whatever the list shows of a payment finds it, within what one may see."""

import pytest

from pointsman.console.office import Office
from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, Browser, furnished, person
from tests.store.house import MID, declined, transaction, worker


async def stans(browser: Browser, wanted: str) -> list[str]:
    found = await browser.get(f"/v1/payments?q={wanted}")
    assert found.status == 200, found.text
    return [one["stan"] for one in found.json["data"]]


async def sold(database: str) -> Office:
    """Two payments of one merchant, the newer one declined."""
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=5780))
        refused = transaction(2)
        await house.intend(refused)
        await house.conclude(declined(refused))
    return office


async def test_every_column_of_the_list_finds_its_payments(database: str) -> None:
    admin = await person(await sold(database), Role.PLATFORM_ADMIN)
    line = next(
        one for one in (await admin.get("/v1/payments")).json["data"] if one["stan"] == "000001"
    )
    name = line["merchant"]["name"]
    both = ["000002", "000001"]
    for wanted, found in (
        (line["business_date"], both),
        (MID, both),
        (name, both),
        (name[:4].upper(), both),
        (line["acquirer"].upper(), both),
        ("approved", ["000001"]),
        ("Declined", ["000002"]),
        ("CNY57.80", ["000001"]),
        ("CNY%2057.80", ["000001"]),
        (line["card"]["masked"], both),
        ("****" + line["card"]["last4"], both),
        ("2001-01-01", []),
        ("2026-13-45", []),
        ("USD57.80", []),
        ("400000****" + line["card"]["last4"], []),
        ("no%20such%20merchant", []),
        ("%25", []),
    ):
        assert await stans(admin, wanted) == found, wanted


async def test_a_name_beyond_ones_own_merchants_finds_nothing(database: str) -> None:
    office = await sold(database)
    owner = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    admin = await person(office, Role.PLATFORM_ADMIN)
    (line, *_) = (await admin.get("/v1/payments")).json["data"]
    for wanted in (MID, line["merchant"]["name"], line["business_date"], line["acquirer"]):
        assert await stans(owner, wanted) == [], wanted


@pytest.mark.parametrize("wanted", ["898100053310001", "alpha", "approved"])
async def test_what_was_found_goes_on_and_is_put_in_order(database: str, wanted: str) -> None:
    admin = await person(await sold(database), Role.PLATFORM_ADMIN)
    first = (await admin.get(f"/v1/payments?q={wanted}&sort=-amount&limit=1")).json
    assert len(first["data"]) == 1
    following = first["page"]["next"]
    if following:
        rest = await admin.get(f"/v1/payments?q={wanted}&sort=-amount&limit=1&after={following}")
        assert rest.json["data"][0]["id"] != first["data"][0]["id"]
    assert (following is None) is (wanted == "approved")
