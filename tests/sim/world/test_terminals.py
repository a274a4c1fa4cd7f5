"""A terminal of a run: what it knows survives its power cuts, and a prover says who serves."""

from dataclasses import replace

import trio
from trio.testing import MockClock

from pointsman.sim.flow_names import Flow
from pointsman.sim.terminal_rows import Asked, Settled, Started, Told
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.scheduler import run_by_seed
from pointsman.sim.world.world import Options, World
from tests.sim.world.worlds import calm


def lived(plan: Plan, options: Options | None = None) -> World:
    world = World(plan, options or Options())
    run_by_seed(world.run, f"{plan.seed}/tasks")
    world.clerk.clean()
    assert world.witness.violations == []
    return world


def test_power_cuts_begin_new_lives_with_the_same_ledger() -> None:
    world = lived(replace(calm(2, 2.0), nii=0, rates={"terminal power cut": 0.3}))
    for terminal in world.terminals:
        rows = terminal.ledger.written
        lives = sum(isinstance(row, Started) for row in rows)
        assert lives == terminal.cuts + 1
        assert terminal.finished
        assert not terminal.owes
        names = [(row.batch, row.stan) for row in rows if isinstance(row, Asked)]
        assert len(set(names)) == len(names), "its numbers go on"
    assert sum(terminal.cuts for terminal in world.terminals) > 0


def test_a_script_is_done_in_its_order_and_once() -> None:
    script = (("sale-swipe", "void", "sale-chip"), ("echo",), ())
    world = lived(replace(calm(4, 1.0), nii=0), Options(script=script))
    first, second, third = (terminal.ledger.written for terminal in world.terminals)
    asked = [row.flow for row in first if isinstance(row, Asked)]
    assert asked == ["sale-swipe", "void", "sale-chip"]
    assert not [row for row in (*second, *third) if isinstance(row, Asked)]
    assert sum(isinstance(row, Settled) for row in first) == 1, "its batch is closed at the end"


def test_every_terminal_ends_with_what_it_was_told_settled() -> None:
    world = lived(replace(calm(5, 1.0), nii=0, weights={Flow.SALE_SWIPE: 3, Flow.VOID: 1}))
    for terminal in world.terminals:
        rows = terminal.ledger.written
        told = {(row.batch, row.stan) for row in rows if isinstance(row, Told) and row.approved}
        closed = {row.batch for row in rows if isinstance(row, Settled)}
        assert {batch for batch, _ in told} <= closed


def test_a_forgotten_batch_is_closed_by_force_and_may_be_ended_late() -> None:
    plan = replace(calm(6, 2.0), nii=0, forgetful=3, rates={"day close": 0.1})
    for remembers in (True, False):
        world = lived(replace(plan, remembers=remembers))
        rows = [row for one in world.terminals for row in one.ledger.written]
        ended = {(row.mid, row.tid, row.batch) for row in rows if isinstance(row, Settled)}
        forced = world.batches.forced
        assert {name[:2] for name in forced} == {
            (t.identity.mid, t.identity.tid) for t in world.terminals
        }
        assert any(counted is not None for counted in forced.values()), "most wait for nothing"
        assert ended.issubset(forced) if remembers else not ended


async def test_a_prover_gives_up_where_nobody_serves(autojump_clock: MockClock) -> None:
    world = World(calm(3, 1.0), Options())
    began = trio.current_time()
    assert not await world.provers[0].prove(90.0)
    assert trio.current_time() - began == 90.0
