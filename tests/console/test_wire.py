"""The live stream: nothing is lost between two looks, readers resume, slow ones are told."""

import json
from contextlib import aclosing

import trio
import trio.testing

from pointsman.console import wire as wires
from pointsman.console.rights import Reach, Role
from pointsman.console.wire import WAITING_MAX, Wire
from tests.console.browser import OTHER_MID, furnished, person
from tests.reports.day import declined_sale
from tests.store.house import MID, transaction, worker

ALL = Reach(None)


def numbers(chunks: list[bytes]) -> list[str]:
    return [
        line.removeprefix("id: ")
        for chunk in chunks
        for line in chunk.decode().splitlines()
        if line.startswith("id: ")
    ]


def stans(chunks: list[bytes]) -> list[str]:
    told = [
        line.removeprefix("data: ")
        for chunk in chunks
        for line in chunk.decode().splitlines()
        if line.startswith("data: {")
    ]
    return [one["stan"] for one in map(json.loads, told) if "stan" in one]


async def heard(wire: Wire, reach: Reach = ALL, last_id: str = "") -> list[bytes]:
    """Return what is waiting for a reader that comes now."""
    chunks: list[bytes] = []
    with trio.move_on_after(0.2):
        async with aclosing(wire.stream(reach, last_id)) as events:
            async for chunk in events:
                chunks.append(chunk)  # noqa: PERF401  # kept when time is over
    return chunks


async def test_every_change_is_sent_once_and_within_the_readers_reach(database: str) -> None:
    office = await furnished(database)
    wire = office.wire
    await wire.look()
    got: dict[str, list[bytes]] = {"mine": [], "theirs": []}

    async def listen(name: str, reach: Reach) -> None:
        async with aclosing(wire.stream(reach, "")) as events:
            async for chunk in events:
                got[name].append(chunk)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen, "mine", Reach(frozenset({MID})))
        nursery.start_soon(listen, "theirs", Reach(frozenset({OTHER_MID})))
        async with worker(database) as house:
            for stan in range(1, 6):
                await house.approve(transaction(stan))
                await wire.look()
            await declined_sale(house, transaction(6))
            await wire.look()
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert stans(got["mine"]) == [f"{stan:06d}" for stan in range(1, 7)]
    assert stans(got["theirs"]) == []
    assert b"token" not in b"".join(got["mine"])
    assert wire.readers == 0


async def test_a_reader_that_comes_back_continues_behind_the_last_it_saw(database: str) -> None:
    office = await furnished(database)
    wire = office.wire
    await wire.look()
    async with worker(database) as house:
        await house.approve(transaction(1))
        await wire.look()
        first = await heard(wire, last_id=f"{era_of(office.wire)}-0")
        await house.approve(transaction(2))
        await house.approve(transaction(3))
        await wire.look()
    again = await heard(wire, last_id=numbers(first)[-1])
    assert stans(first) == ["000001"]
    assert stans(again) == ["000002", "000003"]
    for strange in ("another-1", "x", f"{era_of(wire)}-99", f"{era_of(wire)}-{'9' * 40}"):
        assert b"event: reset" in b"".join(await heard(wire, last_id=strange)), strange


def era_of(wire: Wire) -> str:
    return wire._era


def test_a_slow_reader_loses_the_oldest_and_is_told() -> None:
    reader = wires.Reader(ALL)
    for number in range(WAITING_MAX + 3):
        reader.put(wires.Event(number, MID, b"{}"))
    assert reader.lost
    assert len(reader.waiting) == WAITING_MAX
    assert reader.waiting[0].number == 3


async def test_the_route_streams_to_people_with_the_right(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    answer = await admin.get("/v1/stream?topics=payments")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 3000")
    assert (await admin.get("/v1/stream?topics=secrets")).status == 422
    page = await admin.get("/live")
    assert page.status == 200
    assert "/static/live.js" in page.text
