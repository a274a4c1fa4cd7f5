"""Decisions as rows: the table itself lets nobody decide what they asked, and nothing twice."""

import pytest

from pointsman.store import console_approvals
from pointsman.store import console_people_acts as acts
from pointsman.store.console_approvals import ApprovalRow
from pointsman.store.console_pool import Act, ConsolePool
from pointsman.store.console_rows import GrantRow
from pointsman.store.verbs import StoreUnavailableError
from tests.store.house import EFFECTS


async def somebody(act: Act, login: str) -> bytes:
    raw = EFFECTS.new_id()
    await acts.new_user(
        act,
        user_id=raw,
        login=login,
        name=login,
        password_hash="none",
        totp=(b"sealed", 0),
        recovery_hashes=[],
        grant=GrantRow("operator", "platform", ""),
        given_by="test",
    )
    return raw


async def test_one_asks_another_decides_and_only_once(database: str) -> None:
    pool, raw = ConsolePool(database), EFFECTS.new_id()
    async with pool.act() as act:
        ann, bob = await somebody(act, "ann"), await somebody(act, "bob")
        row = ApprovalRow(
            raw, "refund", "x", "", {"a": 1}, ann, "ann", EFFECTS.now(), "open", "", None, ""
        )
        await console_approvals.ask(act, row)
    with pytest.raises(StoreUnavailableError, match="23514"):
        async with pool.act() as act:
            await console_approvals.decide(
                act, raw, state="approved", by=ann, name="ann", reason=""
            )
    async with pool.act() as act:
        for expected in (True, False):
            decided = await console_approvals.decide(
                act, raw, state="approved", by=bob, name="bob", reason="fine"
            )
            assert decided is expected
        found = await console_approvals.locked(act, raw)
    assert found is not None
    assert (found.state, found.decided_name) == ("approved", "bob")
    pool.close()
