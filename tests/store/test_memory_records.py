"""The rare verbs that no other contract has, on both stores; and that the contract has them all."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pointsman.store import verbs
from pointsman.store.records import RequestKey, ReversalArrival
from tests.store.house import BATCH, MID, TIDS, transaction
from tests.store.stores import Store

HERE = Path(__file__).parent
KEY = RequestKey(MID, TIDS[0], BATCH, "000009")
DONE, REFUSED = {"39": "00", "37": "R1"}, {"39": "12"}


async def test_numbers_are_given_once_to_whoever_asks(store: Store) -> None:
    first, second = await store.worker(0), await store.worker(1)
    assert await first.records.lease_numbers("alpha", "20261122", 100) == 1
    assert await second.records.lease_numbers("alpha", "20261122", 50) == 101
    assert await first.records.lease_numbers("alpha", "20261122", 1) == 151
    assert await first.records.lease_numbers("alpha", "20261123", 1) == 1, "another day begins"
    assert await first.records.lease_numbers("beta", "20261122", 1) == 1


async def test_a_reversal_is_told_what_its_first_copy_was_told(store: Store) -> None:
    clerk = await store.worker()
    assert (
        await clerk.records.reversal_arrived(KEY, 1_000, "98") is ReversalArrival.UNKNOWN_ORIGINAL
    )
    assert await clerk.records.reversal_told(KEY, DONE) == DONE
    assert await clerk.records.reversal_told(KEY, {**DONE, "37": "R2"}) == DONE
    other = await store.worker(1)
    assert await other.records.reversal_told(KEY, DONE) == DONE


async def test_another_code_is_the_answer_from_then_on(store: Store) -> None:
    clerk = await store.worker()
    await clerk.approve(transaction(9))
    await clerk.records.reversal_arrived(transaction(9).key, 1_000, "98")
    key = transaction(9).key
    assert await clerk.records.reversal_told(key, DONE) == DONE
    assert await clerk.records.reversal_told(key, REFUSED) == REFUSED
    assert await clerk.records.reversal_told(key, REFUSED) == REFUSED


async def test_new_zone_keys_are_a_new_version_of_the_site(store: Store) -> None:
    clerk = await store.worker()
    before = await clerk.records.directory(0)
    assert before is not None
    await clerk.records.zone_keys("alpha", (b"new zpk", "0A0A0A"), None)
    after = await clerk.records.directory(before.version)
    assert after is not None, "whoever knows the one before reads it again"
    assert after.acquirers["alpha"].zpk == b"new zpk"
    assert after.acquirers["alpha"].zak == before.acquirers["alpha"].zak
    assert await clerk.records.directory(after.version) is None


def called() -> Iterator[str]:
    """Yield the methods that the contract's tests call: those files that open both stores."""
    for path in HERE.glob("*.py"):
        text = path.read_text("utf-8")
        if path.name != "stores.py" and "stores import" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr


def test_the_contract_asks_every_verb_of_both_stores() -> None:
    met = set(called())
    for protocol in (verbs.Journal, verbs.Records):
        asked = {name for name in dir(protocol) if not name.startswith("_")}
        assert asked <= met
