"""The back office gives back what terminals hold, each refund once."""

from dataclasses import replace

import trio
from trio.testing import MockClock

from pointsman.handover import RefundOrder
from pointsman.sim.flow_names import Flow
from pointsman.sim.items import Item
from pointsman.sim.terminal_rows import Asked, Told
from pointsman.sim.world.office import FLOW
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.scene import Scene
from pointsman.sim.world.scheduler import run_by_seed
from pointsman.sim.world.world import Options, World, run_world
from pointsman.store.memory import MemoryDatabase
from pointsman.store.records import RequestKey
from tests.sim.world.witnesses import ASKED, NAME, TOLD
from tests.sim.world.worlds import calm


def storm(seed: int) -> Plan:
    """A plan in which the back office's lines and the workers fail, and nothing else."""
    rates = {"office line lost": 0.2, "office answer lost": 0.3, "worker crash": 0.2}
    plan = calm(seed, 0.7)
    weights = {Flow.SALE_SWIPE: 3, Flow.SALE_CHIP: 2}
    return replace(plan, rates=rates, weights=weights, office_pause_s=1.0)


def test_refunds_are_given_once_though_orders_and_answers_are_lost() -> None:
    outcome = run_world(storm(2))
    assert outcome.violations == []
    assert outcome.rare["the back office gave something back"] > 0
    assert outcome.faults["office answer lost"] > 0
    assert outcome.kinds["refund"] > 0


class Refusing:
    """A worker that writes every refund down as refused, and answers so each time."""

    def __init__(self, db: MemoryDatabase) -> None:
        self.db = db
        self.asked = 0

    async def refund(self, order: RefundOrder) -> str:
        await trio.lowlevel.checkpoint()
        self.asked += 1
        key = RequestKey(order.mid, "CONSOLE0", order.batch, order.stan)
        self.db.request_keys[key] = (b"refund", b"")
        code = "96"
        self.db.transactions[b"refund"] = {
            "state": "refused",
            "response_code": code,
            "rrn": "R2",
            "auth_code": "",
        }
        return code


async def test_what_the_journal_has_refused_is_not_asked_for_again(
    autojump_clock: MockClock,
) -> None:
    """Seed 1922490008: a refund that was refused with 96 stays so; the office asked for ever."""
    scene = Scene(calm(1, 1.0), Options())
    worker = Refusing(scene.db)
    scene.office.workers = [worker]  # type: ignore[list-item]  # the one method that is asked for
    scene.db.request_keys[RequestKey(*NAME)] = (b"sale", b"")
    async with trio.open_nursery() as nursery:
        await nursery.start(scene.server.run)
        assert await scene.office.give_back(Item(ASKED, TOLD), 400) == "96"
        nursery.cancel_scope.cancel()
    assert worker.asked == 1
    assert scene.office.open == 0


def test_of_a_script_one_receipt_is_given_back_whole() -> None:
    options = Options(script=(("sale-swipe",), (), ()), gives_back=True)
    plan = replace(calm(5, 0.5), nii=0)
    outcome = run_world(plan, options)
    assert outcome.violations == []
    assert outcome.rare["the back office gave something back"] == 1
    nothing = run_world(plan, Options(script=((), (), ()), gives_back=True))
    assert nothing.kinds["refund"] == 0
    assert nothing.violations == []


def test_each_refund_is_asked_for_and_told_in_the_offices_own_ledger() -> None:
    world = World(replace(calm(3, 0.5), office_pause_s=1.0), Options())
    run_by_seed(world.run, "office")
    world.clerk.clean()
    rows = world.office.ledger.written
    asked = [row for row in rows if isinstance(row, Asked)]
    told = [row for row in rows if isinstance(row, Told)]
    assert asked
    assert {row.tid for row in asked} == {"CONSOLE0"}
    assert {row.flow for row in asked} == {FLOW}
    assert sorted((row.mid, row.batch, row.stan) for row in asked) == sorted(
        (row.mid, row.batch, row.stan) for row in told
    )
    assert world.office.open == 0
