"""The routes of limits and refused cards: each tells what it does, and its version."""

from pointsman.console.rights import Role
from tests.console.browser import furnished, person
from tests.store.house import MID


async def test_limits_have_a_version_and_are_described(database: str) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    target = f"/v1/merchants/{MID}/limits"
    told = await admin.get(target)
    body = {"rules": {"day_count_max": 7}, "reason": "new"}
    done = await admin.send("PUT", target, body, if_match=told.headers["etag"])
    assert done.status == 200, done.text
    assert done.headers["etag"] != told.headers["etag"]
    assert done.headers["etag"] == (await admin.get(target)).headers["etag"]
    described = (await admin.get("/openapi.json")).json["paths"]
    put = described["/v1/merchants/{mid}/limits"]["put"]
    assert put["x-right"] == "settings:manage"
    assert {"200", "202", "412", "428"} <= set(put["responses"])
    assert described["/v1/blacklist"]["post"]["x-right"] == "settings:manage"
