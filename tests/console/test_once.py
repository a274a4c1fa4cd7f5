"""Once: keys of requests, and what is kept of an answer."""

import pytest

from pointsman.console import once
from pointsman.console.gate import NOBODY, Ask
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Reach
from pointsman.console.signing import Origin
from pointsman.store.console_once import Kept
from tests.console.browser import furnished

ASK = Ask(NOBODY, Reach(None), {}, Origin("192.0.2.1", "req"))


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 129])
def test_a_key_is_short_printable_ascii(key: str) -> None:
    with pytest.raises(Problem) as raised:
        once.claim_of(ASK, "POST /x", key, {})
    assert raised.value.kind.status == 400


def test_secrets_are_shown_and_not_kept() -> None:
    done = once.Done({"id": "a"}, secrets={"key": "s"})
    assert done.shown == {"id": "a", "key": "s"}
    assert "'s'" not in repr(done)


def test_an_answer_that_is_not_there_yet_is_in_progress() -> None:
    claim = once.claim_of(ASK, "POST /x", "k", {"a": 1})
    with pytest.raises(Problem) as raised:
        once.replayed(Kept(claim.digest, None, None), claim)
    assert raised.value.kind.status == 409
    other = once.claim_of(ASK, "POST /x", "k", {"a": 2})
    with pytest.raises(Problem) as raised:
        once.replayed(Kept(other.digest, 201, "{}"), claim)
    assert raised.value.kind.status == 422


async def test_work_that_fails_leaves_its_key_free(database: str) -> None:
    office = await furnished(database)
    claim = once.claim_of(ASK, "POST /x", "k", {})

    async def fails(_: object) -> once.Done:
        raise Problem(Code.VALIDATION_FAILED)

    async def works(_: object) -> once.Done:
        return once.Done({"id": "a"})

    with pytest.raises(Problem):
        await office.once.do(claim, fails)
    assert not (await office.once.do(claim, works)).replayed
    assert (await office.once.do(claim, fails)).document == {"id": "a"}
