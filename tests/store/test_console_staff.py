"""Grants as rows: given once; taking one ends sessions, and keys of its scope."""

from datetime import timedelta

from pointsman.store import console_people_acts as acts
from pointsman.store import console_staff
from pointsman.store.console_people import People
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_rows import GrantRow
from tests.store.house import EFFECTS
from tests.store.test_console_approvals import somebody

GRANT = GrantRow("merchant_owner", "merchant", "898100053310001")


async def test_taking_a_role_ends_what_stood_on_it(database: str) -> None:
    pool = ConsolePool(database)
    people = People(pool)
    async with pool.act() as act:
        ann = await somebody(act, "ann")
        assert await console_staff.give(act, ann, GRANT, "bob")
        assert not await console_staff.give(act, ann, GRANT, "bob")
        await acts.signed_in(act, ann, b"session", "csrf", "192.0.2.1")
        assert len(await console_staff.sessions(act, ann)) == 1
        await console_staff.new_key(
            act,
            key_id=EFFECTS.new_id(),
            key_hash=b"key",
            hint="ak",
            name="till",
            grant=GRANT,
            made_by=ann,
            life=timedelta(days=1),
            scopes=["transactions:view"],
            addresses=[],
        )
    key = await people.key(b"key")
    assert key is not None
    assert (key.made_by, key.scopes) == (ann, ("transactions:view",))
    async with pool.act() as act:
        assert await console_staff.take(act, ann, GRANT)
        assert not await console_staff.take(act, ann, GRANT)
    assert await people.key(b"key") is None
    assert await people.session(b"session") is None
    pool.close()
