"""Every planted bug breaks a promise within fifty seeds: so the witnesses are not blind.

The seed that caught it last is tried first; the others follow where the code has changed since.
"""

from dataclasses import replace

import pytest

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.world import Options, run_world
from tests.simulation.planted import BUGS

SEEDS_MAX = 50
MINUTES = 1.5
CAUGHT_BY = {
    "forget_what_a_dead_worker_had_sent": 3,
    "recover_the_rows_of_living_workers": 3,
    "believe_a_wrong_mac_of_the_host": 5,
    "settle_an_unknown_commit_by_a_plain_read": 3,
    "undo_after_posting_posts_nothing": 2,
    "the_business_day_is_the_calendars": 2,
}
# Bugs of commits need commits that go wrong: every seed has this weather then.
BAD_COMMITS = {"commit done late": 0.12, "commit lost done": 0.12, "commit slow": 0.1}


def breaks(seed: int, name: str) -> bool:
    plan = replace(plan_of(seed, MINUTES), converge_s=400.0)
    if "unknown_commit" in name:
        plan = replace(plan, rates={**plan.rates, **BAD_COMMITS})
    return bool(run_world(plan, Options(stop_at_violation=True)).violations)


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_breaks_a_promise(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[name](monkeypatch.setattr)
    first = CAUGHT_BY.get(name, 1)
    seeds = [first, *(seed for seed in range(1, SEEDS_MAX + 1) if seed != first)]
    assert any(breaks(seed, name) for seed in seeds), "fifty seeds saw nothing"


def test_there_are_enough_bugs_and_all_are_of_their_own() -> None:
    assert len(BUGS) >= 16
    assert len(set(BUGS.values())) == len(BUGS)
