"""Lists: filters, orders, pages in both directions, snapshots, totals, and whose rows are seen."""

import pytest

from pointsman.console.describing import list_of
from pointsman.console.listing import sorts
from pointsman.console.rights import Role
from pointsman.console.routes import ROUTES
from pointsman.console.row import LISTS
from pointsman.store.listing import Kind, Operator
from tests.console.browser import Browser, furnished, person
from tests.store.house import MID, TIDS, House, declined, transaction, worker

VALUES = {
    Kind.TEXT: "x",
    Kind.COUNT: "5",
    Kind.DATE: "2026-11-20",
    Kind.MOMENT: "2026-11-20T08:30:00Z",
}


async def sold(house: House, count: int) -> None:
    for stan in range(1, count + 1):
        await house.approve(transaction(stan, amount=100 * stan, tid=TIDS[stan % 3]))


async def test_every_filter_and_order_of_every_list_is_answered(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    viewer = await person(office, Role.MERCHANT_OWNER)
    admin.patience_s = 0
    office.gate._api.policy = type(office.gate._api.policy)("api", 100_000, 60)
    for row in ROUTES.values():
        which = list_of(row)
        if which is None:
            continue
        for name, field in which.fields.items():
            for operator in field.operators:
                value = VALUES.get(field.kind) or next(iter(field.choices), "")
                value = value or f"{field.prefix}_{'0' * 26}"
                parameter = name if operator is Operator.IS else f"{name}[{operator}]"
                answer = await admin.get(f"{row.path}?{parameter}={value}")
                assert answer.status == 200, (row.path, parameter, answer.text)
        for sort in sorts(which):
            bound = "&created[gte]=2026-01-01T00:00:00Z" if row.path == "/v1/payments" else ""
            assert (await admin.get(f"{row.path}?sort={sort}{bound}")).status == 200, sort
        total = (await admin.get(f"{row.path}?include=total")).json["total"]
        assert total["exact"]
        assert (await viewer.get(row.path)).status in {200, 404, 403}


async def pages(admin: Browser, query: str, limit: int) -> list[list[str]]:
    found, after = [], ""
    while True:
        more = f"&after={after}" if after else ""
        page = (await admin.get(f"/v1/payments?limit={limit}&{query}{more}")).json
        found.append([one["stan"] for one in page["data"]])
        after = page["page"]["next"]
        if not after:
            return found


@pytest.mark.parametrize("sort", ["-created", "created"])
async def test_pages_in_every_order_hold_each_row_once(database: str, sort: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await sold(house, 7)
    found = [one for page in await pages(admin, f"sort={sort}", 3) for one in page]
    assert sorted(found) == [f"{stan:06d}" for stan in range(1, 8)]
    assert found == sorted(found, reverse=sort == "-created")


async def test_one_goes_back_by_the_page_before_and_meets_the_same_rows(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await sold(house, 7)
        first = (await admin.get("/v1/payments?limit=3")).json
        assert first["page"]["prev"] is None
        second = (await admin.get(f"/v1/payments?limit=3&after={first['page']['next']}")).json
        await house.approve(transaction(99))  # newer than the snapshot
    back = (await admin.get(f"/v1/payments?limit=3&before={second['page']['prev']}")).json
    assert back["data"] == first["data"]
    assert back["as_of"] == first["as_of"] == second["as_of"]
    assert back["page"]["prev"] is None
    again = (await admin.get(f"/v1/payments?limit=3&after={back['page']['next']}")).json
    assert again["data"] == second["data"]


async def test_a_cursor_belongs_to_its_question(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await sold(house, 3)
    following = (await admin.get("/v1/payments?limit=1")).json["page"]["next"]
    for query in ("kind=sale", "sort=created", "q=000001"):
        answer = await admin.get(f"/v1/payments?limit=1&{query}&after={following}")
        assert answer.json["code"] == "invalid_cursor", query
    both = await admin.get(f"/v1/payments?after={following}&before={following}")
    assert both.status == 422


async def test_filters_compare_and_state_means_the_word_that_is_shown(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await sold(house, 4)
        lost = transaction(5, amount=900)
        await house.intend(lost)
        await house.conclude(declined(lost))
        await house.intend(transaction(6, amount=50))

    async def stans(query: str) -> list[str]:
        answer = await admin.get(f"/v1/payments?sort=created&{query}")
        assert answer.status == 200, answer.text
        return [one["stan"][-1] for one in answer.json["data"]]

    assert await stans("amount[gte]=200&amount[lt]=400") == ["2", "3"]
    assert await stans("state=declined,in_progress") == ["5", "6"]
    assert await stans("state[ne]=approved") == ["5", "6"]
    assert await stans(f"tid[ne]={TIDS[1]},{TIDS[2]}&state=approved") == ["3"]
    assert await stans("rrn[prefix]=632600000004") == ["4"]
    assert await stans("created[lt]=2001-01-01T00:00:00Z") == []
    assert len(await stans("created[gte]=2001-01-01T08:00:00+08:00")) == 6
    assert (await admin.get("/v1/payments?sort=-amount")).status == 422
    day = (await admin.get("/v1/overview")).json["business_date"]
    dear = (await admin.get(f"/v1/payments?sort=-amount&business_date={day}&limit=2")).json
    assert [one["amount"]["amount"] for one in dear["data"]] == [900, 400]
    shown = (await admin.get("/v1/payments?include=total&limit=1")).json
    assert shown["total"] == {"count": 6, "exact": True}


async def test_the_acquirers_number_finds_a_payment(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with worker(database) as house:
        await house.approve(transaction(41))
        await office.pool.rows("select 1")
    found = (await admin.get("/v1/payments?q=000041")).json["data"]
    assert [one["stan"] for one in found] == ["000041"]


async def test_other_merchants_rows_are_in_no_list_and_no_total(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await sold(house, 3)
    stranger = await person(office, Role.MERCHANT_OWNER, "898100053319999")
    for name in LISTS:
        answer = await stranger.get(f"/v1/{name}?include=total")
        if answer.status == 200 and name not in {"settlement_cycles", "users", "audit_events"}:
            assert answer.json["total"]["count"] == 0, name
        assert MID not in answer.text
    assert (await stranger.get(f"/v1/payments?mid={MID}")).json["data"] == []
