"""Every planted bug breaks a promise within fifty seeds: so the witnesses are not blind.

The seed that caught it last is tried first; the others follow where the code has changed since.
"""

import pytest

from tests.simulation.hunt import SEEDS_MAX, breaks
from tests.simulation.planted import BUGS

CAUGHT_BY: dict[str, int] = {
    "forget_what_a_dead_worker_had_sent": 4,
    "recover_the_rows_of_living_workers": 3,
    "believe_a_wrong_mac_of_the_host": 9,
    "the_business_day_is_the_calendars": 3,
    "two_refunds_are_counted_as_one": 2,
    "a_copy_is_told_an_approval_that_nobody_claimed": 2,
    "what_an_acquirer_refused_to_take_is_posted": 10,
}


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_breaks_a_promise(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[name](monkeypatch.setattr)
    first = CAUGHT_BY.get(name, 1)
    seeds = [first, *(seed for seed in range(1, SEEDS_MAX + 1) if seed != first)]
    assert any(breaks(seed, name) for seed in seeds), "fifty seeds saw nothing"


def test_there_are_enough_bugs_and_all_are_of_their_own() -> None:
    assert len(BUGS) >= 16
    assert len(set(BUGS.values())) == len(BUGS)
