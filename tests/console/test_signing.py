"""The door: every wrong try is in the trail with no word of what was typed."""

import pytest

from pointsman.console.problems import Problem
from pointsman.console.rights import Role
from pointsman.console.signing import Origin
from tests.console.browser import furnished, person

ORIGIN = Origin("192.0.2.9", "req_1")
TYPED = "a password in the wrong field"


async def test_what_was_typed_at_the_door_is_kept_nowhere(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    with pytest.raises(Problem):
        await office.signing.sign_in(TYPED, TYPED, "123456", ORIGIN)
    trail = (await admin.get("/v1/audit_events")).json["data"]
    assert [(one["actor"], one["act"], one["result"]) for one in trail] == [
        ("unknown", "sign_in", "refused")
    ]
    assert TYPED not in (await admin.get("/v1/audit_events")).text


async def test_a_machine_has_no_fresh_code(database: str) -> None:
    office = await furnished(database)
    with pytest.raises(Problem):
        await office.signing.step_up(bytes(16), "", "123456", ORIGIN)
