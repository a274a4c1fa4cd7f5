"""Every planted bug breaks a promise within fifty seeds: so the witnesses are not blind.

The seed that caught it last is tried first; the others follow where the code has changed since.
"""

from dataclasses import replace

import pytest

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.world import Options, run_world
from tests.simulation.planted import BUGS

SEEDS_MAX = 50
MINUTES = 2.0
CAUGHT_BY = {
    "forget_what_a_dead_worker_had_sent": 4,
    "recover_the_rows_of_living_workers": 3,
    "believe_a_wrong_mac_of_the_host": 5,
    "take_an_unknown_commit_for_failed": 2,
    "settle_an_unknown_commit_by_a_plain_read": 9,
    "undo_after_posting_posts_nothing": 2,
    "the_business_day_is_the_calendars": 2,
}


def breaks(seed: int) -> bool:
    plan = replace(plan_of(seed, MINUTES), converge_s=240.0)
    return bool(run_world(plan, Options(stop_at_violation=True)).violations)


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_breaks_a_promise(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[name](monkeypatch.setattr)
    first = CAUGHT_BY.get(name, 1)
    seeds = [first, *(seed for seed in range(1, SEEDS_MAX + 1) if seed != first)]
    assert any(breaks(seed) for seed in seeds), "fifty seeds saw nothing"


def test_there_are_enough_bugs_and_all_are_of_their_own() -> None:
    assert len(BUGS) >= 16
    assert len(set(BUGS.values())) == len(BUGS)
