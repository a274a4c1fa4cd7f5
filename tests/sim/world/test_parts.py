"""A world is made of what its plan says, and of one prover more for each worker."""

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.parts import identity
from pointsman.sim.world.world import Options, World


def test_every_terminal_has_an_identity_of_its_own_and_every_worker_a_prover() -> None:
    plan = plan_of(3, 1.0)
    world = World(plan, Options())
    assert len(world.terminals) == plan.terminals
    assert len(world.provers) == len(world.workers) == plan.workers
    everybody = [one.identity for one in (*world.terminals, *world.provers)]
    assert len({one.tid for one in everybody}) == len(everybody)
    assert everybody[0] == identity(0, proves=False)
    assert set(world.db.terminals) == {(one.mid, one.tid) for one in everybody}
    assert [one.name for one in world.acquirers] == list(plan.acquirers)
