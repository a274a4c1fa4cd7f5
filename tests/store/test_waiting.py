"""What waits for a commit: how a round is cut, and when waits end."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pointsman.store.records import (
    Guard,
    Intent,
    IntentResult,
    NotDurable,
    OutcomeResult,
    State,
)
from pointsman.store.results import finish
from pointsman.store.rounds import LATE, expire_round
from pointsman.store.waiting import LATE_KEPT_MAX, ROUND_ROWS_MAX, Queue
from tests.store.house import approved, transaction


def _queue(intents: list[Intent], told: list[IntentResult], deadline: float = 10.0) -> Queue:
    queue = Queue()
    for intent in intents:
        queue.add_intent(intent, deadline, told.append)
    return queue


@given(st.lists(st.integers(0, 4), max_size=30))
def test_a_round_has_at_most_one_follow_up_of_each_original(originals: list[int]) -> None:
    ids = [transaction(number).id for number in range(5)]
    intents = [
        Intent(transaction(10 + n, original=ids[which]), Guard.REFUND)
        for n, which in enumerate(originals)
    ]
    queue = _queue(intents, [])
    seen: list[bytes] = []
    while queue:
        cut = queue.cut()
        in_round = [waiting.intent.transaction.original for waiting in cut.intents]
        assert cut.intents
        assert len(set(in_round)) == len(in_round)
        assert set(cut.locks()) == set(in_round)
        seen += [waiting.intent.transaction.id for waiting in cut.intents]
    assert sorted(seen) == sorted(intent.transaction.id for intent in intents)
    for which in range(5):
        # Those of one original keep their order.
        wanted = [i.transaction.id for i in intents if i.transaction.original == ids[which]]
        assert [id_ for id_ in seen if id_ in wanted] == wanted


def test_a_round_is_limited_and_takes_outcomes_first() -> None:
    queue = _queue([Intent(transaction(1))] * 5, [])
    for _ in range(ROUND_ROWS_MAX + 3):
        queue.add_outcome(approved(transaction(1)))
    first, second = queue.cut(), queue.cut()
    assert (len(first.outcomes), len(first.intents)) == (ROUND_ROWS_MAX, 0)
    assert (len(second.outcomes), len(second.intents)) == (3, 5)


def test_what_was_certainly_not_written_goes_back_in_its_order() -> None:
    told: list[IntentResult] = []
    queue = _queue([Intent(transaction(n)) for n in (1, 2)], told, deadline=5.0)
    late = Intent(transaction(3))
    queue.add_intent(late, 20.0, told.append)
    queue.add_intent(Intent(transaction(4)), 20.0, told.append)
    cut = queue.cut()
    cut.intents[0].deadline = 30.0
    expire_round(cut, 6.0)
    queue.put_back(cut)
    again = queue.cut()
    rows = [(w.intent.transaction.key.stan, w.intent.transaction.state) for w in again.intents]
    assert rows == [
        ("000001", State.SENDING),
        ("000002", State.REFUSED),  # its terminal was told 96
        ("000003", State.SENDING),
        ("000004", State.SENDING),
    ]
    assert len(told) == 1


def test_who_was_told_too_late_is_written_as_refused_with_what_was_told() -> None:
    told: list[IntentResult] = []
    guarded = Intent(transaction(1, original=transaction(9).id), Guard.REFUND)
    queue = _queue([guarded], told, deadline=5.0)
    queue.expire(6.0)
    queue.expire(7.0)
    assert told == [NotDurable(LATE)]
    (waiting,) = queue.cut().intents
    written = waiting.intent
    assert (written.guard, written.transaction.state) == (None, State.REFUSED)
    assert (written.transaction.response_code, written.transaction.answer["39"]) == ("96", "96")
    assert b'"refused"' in waiting.document


def test_those_told_too_late_are_kept_up_to_a_limit_the_oldest_forgotten() -> None:
    told: list[IntentResult] = []
    queue = _queue([Intent(transaction(1))] * (LATE_KEPT_MAX + 2), told, deadline=5.0)
    queue.add_intent(Intent(transaction(2)), 20.0, told.append)
    queue.expire(6.0)
    assert len(told) == LATE_KEPT_MAX + 2
    assert len(queue) == LATE_KEPT_MAX + 1


def test_waits_in_the_queue_end_at_their_own_deadlines() -> None:
    told: list[IntentResult] = []
    concluded: list[OutcomeResult] = []
    queue = _queue([Intent(transaction(1))], told, deadline=5.0)
    queue.add_intent(Intent(transaction(2)), 7.0, told.append)
    queue.add_outcome(approved(transaction(3)), 6.0, concluded.append)
    assert queue.earliest() == 5.0
    queue.expire(5.0)
    assert (len(told), len(concluded), queue.earliest()) == (1, 0, 6.0)
    queue.expire(6.5)
    assert (len(told), len(concluded), queue.earliest()) == (1, 1, 7.0)
    queue.fail_all("gone")
    assert told[1] == NotDurable("gone")
    assert queue.earliest() == float("inf")


def test_a_refund_that_was_told_too_late_is_not_kept_since_its_terminal_sends_it_again() -> None:
    told: list[IntentResult] = []
    queue = _queue([Intent(replace(transaction(1), reversible=False))], told, deadline=5.0)
    queue.expire(6.0)
    assert told == [NotDurable(LATE)]
    assert not queue


def test_a_refund_that_proved_durable_after_all_is_owed_to_its_acquirer() -> None:
    queue = _queue([Intent(replace(transaction(1), reversible=False))], [])
    cut = queue.cut()
    expire_round(cut, 10.0)
    finish(queue, cut, date(2026, 11, 22), ())
    (waiting,) = queue.cut().outcomes
    assert (waiting.outcome.state, waiting.outcome.owe) == (State.UNKNOWN, True)
