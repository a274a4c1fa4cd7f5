"""Routes about people: bodies are strict, and tenants are apart."""

from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, furnished, person
from tests.console.test_staffing import somebody


async def test_bodies_are_strict_and_tenants_apart(database: str) -> None:
    office = await furnished(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    _, theirs = await somebody(office, Role.MERCHANT_STAFF, OTHER_MID)
    wrong = await owner.send("POST", "/v1/invitations", {"login": "x", "role": "god"}, key="k")
    assert wrong.status == 422
    assert "god" not in wrong.text
    for word, body in (
        ("close", {}),
        ("reset", {}),
        ("give_role", {"role": "merchant_viewer", "mid": OTHER_MID}),
        ("take_role", {"role": "merchant_staff", "mid": OTHER_MID}),
        ("end_sessions", {}),
    ):
        answer = await owner.send("POST", f"/v1/users/{theirs}:{word}", body, key="k")
        assert answer.status == 404, word
    assert (await owner.get(f"/v1/users/{theirs}/sessions")).status == 404
    extra = {"reason": "x", "state": "active"}
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert (await viewer.send("POST", f"/v1/users/{theirs}:close", extra)).status == 403
    assert (await owner.send("POST", f"/v1/users/{theirs}:close", extra)).status == 422
