"""The office: a route is added with its row; a document is told with its tag and its members."""

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from pointsman.console.gate import Ask
from pointsman.console.office import Routes
from pointsman.console.rights import Role
from tests.console.browser import furnished, person
from tests.store.house import MID


async def test_a_route_without_a_row_is_no_route(database: str) -> None:
    office = await furnished(database)

    async def handle(_: Ask, __: Request) -> dict[str, object]:
        return {}

    with pytest.raises(KeyError):
        Routes(FastAPI(), office).add("DELETE", "/v1/merchants", handle)


async def test_a_tag_comes_with_what_may_be_changed(database: str) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    whole = await admin.get(f"/v1/merchants/{MID}")
    part = await admin.get(f"/v1/merchants/{MID}?fields=mid,name")
    assert whole.headers["etag"] == part.headers["etag"]
    assert set(part.json) == {"mid", "name"}
    assert "etag" not in (await admin.get("/v1/payments")).headers
