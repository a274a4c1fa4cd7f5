"""Answers: every route of the API has one, and what it answers has exactly its members."""

import msgspec

from pointsman.console import ids
from pointsman.console.answers import OTHER_MEDIA, SHAPES
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from pointsman.console.routes import ROUTES
from tests.console.browser import furnished, person
from tests.console.test_reconciled import SETTLED, reconciled
from tests.reports.day import OLDER, worked_example
from tests.store.house import BATCH, MID, TIDS, transaction, worker


def test_every_route_of_the_api_has_its_answer() -> None:
    of_the_api = {key for key in ROUTES if key[1].startswith("/v1/")}
    told = {key for key in of_the_api if key[1] in OTHER_MEDIA}
    assert set(SHAPES) == of_the_api - told


async def test_answers_are_what_openapi_describes(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, tid=TIDS[1], amount=OLDER))
        await worked_example(house, older)
        sale = await house.approve(transaction(900, amount=500))
    await reconciled(database, SETTLED)
    admin = await person(office, Role.PLATFORM_ADMIN)
    run = await admin.send("POST", "/v1/report_runs", {"report": "R12"}, key="run")
    await office.exports.make_next()
    place = {"mid": MID, "name": "Quay", "city": "Shanghai"}
    outlet = await admin.send("POST", "/v1/outlets", place, key="outlet")
    refund = {"payment": ids.encode(PREFIX, sale.id), "reason": "back", "amount": 100}
    clerk = await person(office, Role.OPERATOR)
    refunded = await clerk.send("POST", "/v1/refunds", refund, key="refund")
    assert refunded.status == 201, refunded.text
    invited = {"login": "bob@tea.example", "role": "operator"}
    asked = await admin.send("POST", "/v1/invitations", invited, key="invite")
    assert asked.status == 201, asked.text
    user = (await admin.get("/v1/users")).json["data"][0]["id"]
    names = {
        "{mid}": MID,
        "{tid}": TIDS[0],
        "{batch}": BATCH,
        "{acquirer}": "alpha",
        "{form}": "merchant-new",
        "{run_id}": run.json["id"],
        "{job_id}": run.json["id"].replace("run_", "job_"),
        "{settlement_date}": SETTLED,
        "{currency}": "CNY",
        "{outlet_id}": outlet.json["id"],
        "{payment_id}": ids.encode(PREFIX, older.id),
        "{refund_id}": refunded.json["id"],
        "{user_id}": user,
        "{business_date}": (await admin.get("/v1/overview")).json["business_date"],
    }
    described = (await admin.get("/openapi.json")).json
    for (method, path), shape in SHAPES.items():
        schema = described["paths"][path][method.lower()]["responses"]
        assert any(code in schema for code in ("200", "201", "202")), path
        if method != "GET" or "{approval_id}" in path or "{application_id}" in path:
            continue
        for report in ("R01", "R02", "R09", "R12") if "{report}" in path else ("",):
            wanted = path.replace("{report}", report)
            for name, value in names.items():
                wanted = wanted.replace(name, value)
            answer = await admin.get(wanted)
            assert answer.status == 200, (wanted, answer.text)
            msgspec.json.decode(answer.body, type=shape)
            assert answer.headers["api-version"]
    assert shape.__name__ in described["components"]["schemas"]
