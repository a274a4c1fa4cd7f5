"""A second person: a machine never decides alone, and one decision is open about one thing."""

import pytest

from pointsman.console.gate import Ask, Caller
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Grant, Reach, Resource, Role, Scope
from pointsman.console.seconding import Matter, asked, is_alone
from pointsman.console.signing import Origin
from tests.console.browser import EFFECTS, furnished, person

ADMIN = (Grant(Role.PLATFORM_ADMIN, Scope.PLATFORM),)
OPERATOR = (Grant(Role.OPERATOR, Scope.PLATFORM),)


def by(
    grants: tuple[Grant, ...], user_id: bytes, *, key: bytes = b"", proven_s: float = 0.0
) -> Ask:
    caller = Caller("ann", grants, user_id=user_id, key_id=key, proven_s=proven_s)
    return Ask(caller, Reach(None), {}, Origin("192.0.2.1", "req"))


async def test_an_administrator_without_another_one_is_alone_and_a_machine_never(
    database: str,
) -> None:
    office = await furnished(database)
    await person(office, Role.PLATFORM_ADMIN)
    me = await office.pool.value("select id from users")
    settings = Resource.SETTINGS
    async with office.pool.act() as act:
        assert await is_alone(by(ADMIN, me), act, settings, "")
        assert not await is_alone(by(OPERATOR, me), act, settings, "")
        assert not await is_alone(by(ADMIN, me, key=b"k"), act, settings, "")
        assert not await is_alone(by(ADMIN, EFFECTS.new_id()), act, settings, "")  # I am another
        with pytest.raises(Problem) as raised:
            await is_alone(by(ADMIN, me, proven_s=301.0), act, settings, "")
    assert raised.value.code is Code.STEP_UP_REQUIRED


async def test_one_decision_is_open_about_one_thing(database: str) -> None:
    office = await furnished(database)
    await person(office, Role.OPERATOR)
    me = await office.pool.value("select id from users")
    matter = Matter("limits", "a", "", {"reason": "x"})
    async with office.pool.act() as act:
        done = await asked(by(OPERATOR, me), act, EFFECTS, matter)
        assert (done.status, done.document["state"]) == (202, "waiting_approval")
        with pytest.raises(Problem) as raised:
            await asked(by(OPERATOR, me), act, EFFECTS, matter)
        other = Matter("limits", "b", "", {"reason": "x"})
        assert (await asked(by(OPERATOR, me), act, EFFECTS, other)).status == 202
    assert raised.value.code is Code.STATE_CONFLICT
