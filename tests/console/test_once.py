"""Once: keys of requests, and what is kept of an answer."""

import pytest
import trio

from pointsman.console import once
from pointsman.console.gate import NOBODY, Ask
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Reach, Role
from pointsman.console.signing import Origin
from pointsman.store.console_once import Kept
from tests.console.browser import furnished, person
from tests.store.house import MID

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


async def test_the_same_request_at_once_is_done_by_one_and_told_to_the_others(
    database: str,
) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    claim = once.claim_of(ASK, "POST /x", "k", {})
    began, may_end = trio.Event(), trio.Event()
    slow: list[once.Done] = []

    async def works(_: object) -> once.Done:
        began.set()
        await may_end.wait()
        return once.Done({"id": "a"})

    async def first() -> None:
        slow.append(await office.once.do(claim, works))

    async def second_click() -> None:
        slow.append(await office.once.do(claim, works, waits=True))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(first)
        await began.wait()
        with pytest.raises(Problem) as raised:
            await office.once.do(claim, works)
        assert raised.value.code is Code.IDEMPOTENCY_IN_PROGRESS
        nursery.start_soon(second_click)
        may_end.set()
    assert [one.document for one in slow] == [{"id": "a"}, {"id": "a"}]
    assert (await office.once.do(claim, works)).replayed

    outlet = {"mid": MID, "name": "Quay", "city": "Shanghai"}
    answers: list[tuple[int, str]] = []

    async def send() -> None:
        answer = await admin.send("POST", "/v1/outlets", outlet, key="same")
        answers.append((answer.status, answer.json.get("code", answer.json.get("id"))))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(send)
    assert len((await admin.get("/v1/outlets")).json["data"]) == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert len({name for status, name in answers if status == 201}) == 1
    assert {name for status, name in answers if status == 409} <= {"idempotency_in_progress"}


async def test_a_key_is_asked_for_before_the_body_is_looked_at(database: str) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    answer = await admin.send("POST", "/v1/outlets", {"mid": 1})
    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_missing")
