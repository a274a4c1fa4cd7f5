"""Many terminals in one process: lanes, pause, settlement, an orderly end."""

from collections import deque
from collections.abc import Callable
from pathlib import Path

import trio

from pointsman.sim.fleet import Fleet
from pointsman.sim.flow_names import Flow
from pointsman.sim.terminal_options import Connect, Control, Identity, TerminalOptions
from pointsman.sim.terminal_rows import Asked
from tests.sim.scripted import IDENTITY, Switch, fleet, rows, switch


async def until(holds: Callable[[], bool]) -> None:
    """Look again and again: what happens, happens on a real socket."""
    while True:
        if holds():
            return
        await trio.sleep(0.01)


async def test_each_terminal_makes_its_count(tmp_path: Path) -> None:
    async with switch() as made:
        options = TerminalOptions(port=made.port, timeout_s=2, count=3, lanes=2)
        identities = [Identity("898100053310001", f"1234567{n}") for n in range(4)]
        many = Fleet(identities, options, Control(), tmp_path / "t.jsonl", 7, lambda _: None)
        summary = await many.run()
    assert summary.transactions == 12
    tids = [row.tid for row in rows(tmp_path / "t.jsonl") if isinstance(row, Asked)]
    assert {tids.count(identity.tid) for identity in identities} <= {1, 2, 3}


async def test_lanes_have_several_requests_on_one_connection(tmp_path: Path) -> None:
    async with switch() as made:
        await fleet(made, tmp_path / "t.jsonl", Flow.SALE_CHIP, count=20, lanes=8).run()
    assert made.connections == 1
    stans = [m[11] for m in made.of("0200")]
    assert len(set(stans)) == 20


async def test_per_message_takes_a_new_connection_each_time(tmp_path: Path) -> None:
    async with switch() as made:
        await fleet(made, tmp_path / "t.jsonl", count=3, connect=Connect.PER_MESSAGE).run()
    assert made.connections == 4


async def test_a_paused_fleet_sends_nothing_and_goes_on_later(tmp_path: Path) -> None:
    async with switch() as made:
        paused = fleet(made, tmp_path / "t.jsonl", count=None)
        paused.control.paused = True
        async with trio.open_nursery() as nursery:
            nursery.start_soon(paused.run)
            await trio.sleep(0.2)
            assert made.of("0200") == []
            paused.control.paused = False
            with trio.fail_after(5):
                await until(lambda: bool(made.of("0200")))
            paused.control.stopping = True


async def test_the_rate_is_kept(tmp_path: Path) -> None:
    async with switch() as made:
        slow = fleet(made, tmp_path / "t.jsonl", count=None)
        slow.control.rate = 20.0
        async with trio.open_nursery() as nursery:
            nursery.start_soon(slow.run)
            await trio.sleep(1.0)
            slow.control.stopping = True
        assert 5 <= len(made.of("0200")) <= 25


async def test_a_settlement_that_was_asked_for_is_done_once(tmp_path: Path) -> None:
    async with switch() as made:
        asked = fleet(made, tmp_path / "t.jsonl", count=None)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(asked.run)
            with trio.fail_after(5):
                await until(lambda: bool(made.of("0200")))
                asked.control.paused = True
                asked.control.settlements = 1
                await until(lambda: bool(asked.terminals) and not asked.unsettled())
            asked.control.stopping = True
    assert len(made.of("0500")) == 1
    assert made.batch == 13


async def test_the_restart_goes_on_with_numbers_and_batch(tmp_path: Path) -> None:
    script = Switch()
    async with switch(script) as made:
        await fleet(made, tmp_path / "t.jsonl", count=2).run()
        await fleet(made, tmp_path / "t.jsonl", count=2).run()
    stans = [m[11] for m in made.of("0200")]
    assert stans == sorted(set(stans))


async def test_a_stop_ends_a_terminal_whose_sign_in_is_refused_and_it_says_why(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    async with switch(Switch(sign_in_codes=deque(["03"] * 1000))) as made:
        refused = fleet(made, tmp_path / "t.jsonl", settle_at_end=True)
        refused.trouble = lambda who, why: said.append(f"{who.tid} {why}")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(refused.run)
            with trio.fail_after(5):
                await until(lambda: len(made.asked) >= 2)
                refused.control.stopping = True
    assert said == ["12345678 the sign-in was refused: 03"]
    assert made.of("0200") == []


async def test_a_stop_ends_a_terminal_that_nobody_answers(tmp_path: Path) -> None:
    said: list[str] = []
    options = TerminalOptions(port=1, timeout_s=0.1, count=1)
    alone = Fleet([IDENTITY], options, Control(), tmp_path / "t.jsonl", 7, lambda _: None)
    alone.trouble = lambda _who, why: said.append(why)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.run)
        with trio.fail_after(5):
            await until(lambda: bool(said))
            alone.control.stopping = True
    assert said == ["no answer to the sign-in"]
