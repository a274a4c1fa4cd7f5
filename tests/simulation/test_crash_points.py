"""Workers that die at every kind of seam, of every flow: each flow's points are sampled here.

`pointsman sim world --crash-points` runs them all, pairs too; docs/simulation.md has the figures.
"""

from itertools import islice

import pytest

from pointsman.sim.world import crashes

STEP = 13  # every so-manyth point of a flow: other seams for each flow, since their numbers differ


@pytest.mark.parametrize("flow", crashes.FLOWS)
def test_a_worker_may_die_at_any_seam_of_a_flow(flow: str) -> None:
    for point in islice(crashes.points(flow), None, None, STEP):
        outcome = crashes.run_flow(point.flow, point.seams)
        assert outcome.violations == [], point
        assert outcome.crashes == 1, point


@pytest.mark.parametrize("flow", crashes.PAIRS)
def test_a_worker_may_die_twice(flow: str) -> None:
    for point in islice(crashes.pairs(flow, 9), 2, None, 31):
        outcome = crashes.run_flow(point.flow, point.seams)
        assert outcome.violations == [], point
        assert 1 <= outcome.crashes <= 2, point  # the flow may be over before the second
