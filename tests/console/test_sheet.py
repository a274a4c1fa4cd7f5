"""Sheets: a form's fields come back with what is wrong, and a code is shown to the door."""

from pointsman.console.rights import Role
from tests.console.browser import furnished, person


async def test_a_wrong_code_in_a_form_does_nothing(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    async with office.pool.act() as act:
        await act.rows("update sessions set proven_at = now() - interval '6 minutes'")
    wrong = await admin.post("/merchants/new", {"code": "abc"})
    assert wrong.status == 403
    trail = (await admin.get("/v1/audit_events")).json["data"]
    assert (trail[0]["act"], trail[0]["result"]) == ("step_up", "refused")
