"""Reports by the API: the sums of its payments, of its reports and of its statistics are one."""

import random

import pytest

from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, Browser, furnished, person
from tests.reports.day import OLDER, close_day, open_day, random_day, worked_example
from tests.store.house import MID, TIDS, transaction, worker

SIGNS = {"sale": 1, "void": -1, "refund": -1}


async def every_payment(browser: Browser, day: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    after = ""
    while True:
        page = (await browser.get(f"/v1/payments?business_date={day}&after={after}")).json
        found += page["data"]
        after = page["page"]["next"]
        if not after:
            return found


@pytest.mark.parametrize("seed", [5, 6])
async def test_payments_and_reports_of_the_api_add_up_to_the_same(database: str, seed: int) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await random_day(house, random.Random(seed), 1, 40)
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    day = (await open_day(database)).isoformat()
    payments = await every_payment(admin, day)
    net = 0
    for one in payments:
        if one["state"] in {"approved", "voided", "refunded", "part_refunded"}:
            approved = one["approved"]
            assert isinstance(approved, dict)
            net += SIGNS[str(one["kind"])] * approved["amount"]
    for browser in (admin, owner):
        for path in (f"/v1/reports/R01/result?from={day}&to={day}", "/v1/statistics?period=today"):
            found = (await browser.get(path)).json
            assert [row["net"]["amount"] for row in found["totals"]] == [net], path
        detail = (await browser.get(f"/v1/reports/R02/result?from={day}&to={day}")).json
        assert detail["totals"][0]["counted"]["amount"] == net
        assert detail["rows_total"] == len(payments)
    overview = (await admin.get("/v1/overview")).json
    assert [one["net"]["amount"] for one in overview["money"]] == [net]


async def test_results_tell_formulas_what_is_missing_and_what_lies_behind(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, tid=TIDS[1], amount=OLDER))
        await close_day(database, await open_day(database))
        await worked_example(house, older)
    admin = await person(office, Role.PLATFORM_ADMIN)
    found = (await admin.get("/v1/reports/R01/result?period=7d&compare=before")).json
    columns = {column["code"]: column for column in found["columns"]}
    assert columns["net"]["formula"] == "gross − voids − refunds"
    assert columns["fees"]["missing"]
    last = found["rows"][-1]
    assert last["fees"] is None
    assert last["net"] == {"amount": 634_849, "currency": "CNY", "text": "6348.49"}
    assert last["ticket"]["text"] == "1071.42"
    assert last["approval"] == "0.857143"
    assert last["behind"]["from"] == last["business_date"]
    assert found["manifest"]["state"] == "provisional"
    assert found["manifest"]["adds_up"]
    reasons = (await admin.get("/v1/reports/R09/result?period=today")).json
    assert [(row["code"], row["count"]) for row in reasons["rows"]] == [("51", 1)]
    back = (await admin.get("/v1/reports/R12/result?period=today")).json
    assert [row["kind"] for row in back["rows"]] == ["void", "refund"]


async def test_what_cannot_be_asked_is_refused_and_acquirers_are_the_platforms(
    database: str,
) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    for path, status in {
        "/v1/reports/R99": 404,
        "/v1/reports/R01/result?from=yesterday": 422,
        "/v1/reports/R01/result?by=card": 422,
        "/v1/reports/R01/result?sort=net;drop": 400,
        "/v1/reports/R01/result?from=2020-01-01": 422,
        "/v1/statistics?by=moon": 422,
    }.items():
        assert (await admin.get(path)).status == status, path
    assert (await owner.get("/v1/reports/R08/result")).status == 404
    assert (await owner.get("/v1/statistics?by=acquirer")).status == 422
    codes = [one["report"] for one in (await owner.get("/v1/reports")).json["data"]]
    assert "R01" in codes
    assert "R08" not in codes
    theirs = (await owner.get(f"/v1/reports/R01/result?mid={OTHER_MID}")).json
    assert theirs["rows"] == []
    assert MID not in (await admin.get(f"/v1/reports/R05/result?mid={OTHER_MID}")).text
