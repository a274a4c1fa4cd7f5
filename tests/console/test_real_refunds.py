"""A refund in a real house whose worker dies, or whose acquirer is silent, is one refund."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trio

from pointsman.console.rights import Role
from pointsman.store.pool import Pool
from pointsman.switch.status import decode
from tests.console.browser import Answer, person
from tests.console.test_real_house import MID, House, house, office_of, sold

__all__ = ["house"]  # the fixture
WAIT_S = 90.0
STILL_S = 1.0
ON_ITS_WAY = "select 1 from transactions where tid = 'CONSOLE0' and state = 'sending'"


def process_of(words: str, place: Path) -> int:
    """Return the process of this house whose command line has these words."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if words in line and str(place) in line:
                    return int(entry.name)
    raise AssertionError(f"no process of {words}")


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process stand still for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def workers_of(found: House) -> list[int]:
    running = decode(found.directory.status.read_bytes()).processes
    return [one.pid for one in running if one.name.startswith("worker") and one.pid is not None]


async def test_a_refund_whose_worker_is_killed_before_the_answer_is_one_refund(
    house: House,
) -> None:
    async with office_of(house) as (office, _):
        admin = await person(office, Role.PLATFORM_ADMIN)
        clerk = await person(office, Role.MERCHANT_OWNER, MID)
        payment = await sold(house, admin)
        body = {"payment": payment["id"], "amount": 100, "reason": "returned"}
        first: list[Answer] = []

        async def ask() -> None:
            first.append(await clerk.send("POST", "/v1/refunds", body, key="killed"))

        owner = Pool(house.url)
        acquirer = process_of("sim acquirer", house.root.parent)
        with stopped(acquirer):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ask)
                with trio.fail_after(WAIT_S):
                    while not await owner.rows(ON_ITS_WAY):  # noqa: ASYNC110  # a row, no event
                        await trio.sleep(0.05)
                await trio.sleep(STILL_S)  # the request lies in the acquirer's socket
                for pid in workers_of(house):
                    os.kill(pid, signal.SIGKILL)
            told = (first[0].status, first[0].json.get("state") or first[0].json["code"])
            assert told in {(201, "pending"), (503, "outcome_unknown")}, first[0].text
        with trio.fail_after(WAIT_S):
            while True:
                again = await clerk.send("POST", "/v1/refunds", body, key="killed")
                if again.json.get("state") not in {None, "pending"}:
                    break
                await trio.sleep(1.0)
        assert (again.status, again.json["state"]) == (201, "approved"), again.text
        assert again.headers["idempotency-replayed"] == "true"
        listed = (await clerk.get(f"/v1/refunds?payment={payment['id']}")).json["data"]
        assert [one["id"] for one in listed] == [again.json["id"]]
        shown = (await admin.get(f"/v1/payments/{payment['id']}")).json
        assert shown["refunded"]["amount"] == 100
        assert [one["kind"] for one in shown["followers"]] == ["refund"]
        owner.close()
        # The acquirer gave it back once; what was sent on after the crash is that one's repeat.
        lines = (house.root.parent / "alpha.jsonl").read_text().splitlines()
        seen = [row for row in map(json.loads, lines) if row.get("tid") == "CONSOLE0"]
        assert [row["outcome"] for row in seen].count("approved") == 1
        assert {row["outcome"] for row in seen} <= {"approved", "repeat"}
        assert len({row["key"] for row in seen}) == 1
