"""Every planted bug breaks a promise within fifty seeds: so the witnesses are not blind.

The seed that caught it last is tried first; the others follow where the code has changed since.
"""

import pytest

from tests.simulation.hunt import SEEDS_MAX, breaks
from tests.simulation.planted import BUGS

CAUGHT_BY: dict[str, int] = {
    "forget_what_a_dead_worker_had_sent": 2,
    "recover_the_rows_of_living_workers": 2,
    "reverse_under_a_new_identity_each_time": 2,
    "drop_what_is_owed_once_it_is_sent": 2,
    "believe_a_wrong_mac_of_the_host": 4,
    "settle_an_unknown_commit_by_a_plain_read": 2,
    "undo_after_posting_posts_nothing": 13,
    "the_business_day_is_the_calendars": 2,
    "two_refunds_are_counted_as_one": 2,
    "the_request_key_has_the_amount_in_it": 2,
    "a_void_in_doubt_frees_its_sale": 2,
    "a_copy_is_told_an_approval_that_nobody_claimed": 17,
    "what_an_acquirer_refused_to_take_is_posted": 3,
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
