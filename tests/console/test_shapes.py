"""Shapes: every answer that OpenAPI describes has exactly the members that it describes."""

import msgspec

from pointsman.console.rights import Role
from pointsman.console.shapes import SHAPES
from tests.console.browser import furnished, person
from tests.reports.day import OLDER, worked_example
from tests.store.house import TIDS, transaction, worker


async def test_answers_are_what_openapi_describes(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        older = await house.approve(transaction(1, tid=TIDS[1], amount=OLDER))
        await worked_example(house, older)
    admin = await person(office, Role.PLATFORM_ADMIN)
    headers = {
        "content-type": "application/json",
        "x-csrf-token": "proof of every form here",
        "idempotency-key": "k",
    }
    run = await admin.ask("POST", "/v1/report_runs", b'{"report": "R12"}', headers)
    await office.exports.make_next()
    described = (await admin.get("/openapi.json")).json
    for path, shape in SHAPES.items():
        for report in ("R01", "R02", "R09", "R12") if "{report}" in path else ("",):
            wanted = path.replace("{report}", report).replace("{run_id}", run.json["id"])
            answer = await admin.get(wanted)
            assert answer.status == 200, wanted
            msgspec.json.decode(answer.body, type=shape)
        answers = described["paths"][path]["get"]["responses"]["200"]
        schema = answers["content"]["application/json"]["schema"]
        assert schema["$ref"].endswith(f"/{shape.__name__}")
        assert shape.__name__ in described["components"]["schemas"]
