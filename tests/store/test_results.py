"""Who is told what of a round that is durable."""

from datetime import date

import pytest

from pointsman.store.records import (
    BatchNotOpen,
    Concluded,
    Conflicting,
    Guard,
    GuardFailed,
    Intent,
    IntentResult,
    NotConcluded,
    NotDurable,
    Outcome,
    OutcomeResult,
    Recorded,
    State,
    Tombstone,
)
from pointsman.store.results import finish, finish_found
from pointsman.store.rounds import expire_round
from pointsman.store.waiting import Queue
from tests.store.house import approved, transaction

DAY = date(2026, 11, 22)


def _queue(intents: list[Intent], told: list[IntentResult], deadline: float = 10.0) -> Queue:
    queue = Queue()
    for intent in intents:
        queue.add_intent(intent, deadline, told.append)
    return queue


def test_a_deadline_ends_the_wait_once_and_a_late_success_is_concluded_as_failed() -> None:
    told: list[IntentResult] = []
    queue = _queue([Intent(transaction(1))], told)
    cut = queue.cut()
    expire_round(cut, 9.9)
    assert told == []
    expire_round(cut, 10.0)
    expire_round(cut, 11.0)
    assert [type(result) for result in told] == [NotDurable]
    finish(queue, cut, DAY, ())
    assert len(told) == 1
    (outcome,) = queue.cut().outcomes
    assert outcome.outcome == Outcome(
        cut.intents[0].intent.transaction.id, State.FAILED, "96", {"39": "96"}
    )


def test_a_refusal_that_was_given_up_needs_no_outcome() -> None:
    queue = _queue([Intent(transaction(1, state=State.REFUSED))], [])
    cut = queue.cut()
    expire_round(cut, 10.0)
    finish(queue, cut, DAY, ())
    assert not queue


def test_a_follow_up_is_locked_with_its_original_at_its_outcome_too() -> None:
    sale, void = transaction(1), transaction(2, original=b"original")
    queue = _queue([Intent(sale), Intent(void, Guard.VOID)], [])
    finish(queue, queue.cut(), DAY, ())
    queue.add_outcome(approved(sale))
    queue.add_outcome(approved(void))
    assert queue.cut().locks() == [void.id, b"original"]


def test_after_an_unknown_commit_the_events_say_what_was_written() -> None:
    told: list[IntentResult] = []
    written, unwritten = transaction(1), transaction(2)
    queue = _queue([Intent(written), Intent(unwritten)], told)
    cut = queue.cut()
    finish_found(queue, cut, {("intent", written.id): ("intent", DAY)})
    assert told == [Recorded(DAY)]
    assert [w.intent.transaction.id for w in queue.cut().intents] == [unwritten.id]


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"r": "conflict"}, Conflicting()),
        ({"r": "tombstone"}, Tombstone()),
        ({"r": "batch"}, BatchNotOpen()),
        ({"r": "guard", "c": "64"}, GuardFailed("64")),
    ],
)
def test_an_exception_is_told_to_the_one_it_is_about(
    answer: dict[str, str], result: IntentResult
) -> None:
    told: list[IntentResult] = []
    queue = _queue([Intent(transaction(1)), Intent(transaction(2))], told)
    finish(queue, queue.cut(), DAY, [{"k": "i", "n": 2} | answer])
    assert told == [Recorded(DAY), result]


def test_outcomes_are_told_or_not_by_number() -> None:
    told: list[OutcomeResult] = []
    queue = Queue()
    for number in (1, 2, 3):
        queue.add_outcome(approved(transaction(number)), 10.0, told.append)
    others = [{"k": "o", "n": 1, "r": "untold"}, {"k": "o", "n": 3, "r": "not", "c": "declined"}]
    finish(queue, queue.cut(), DAY, others)
    assert told == [
        Concluded(tell=False),
        Concluded(tell=True),
        NotConcluded("the row is declined"),
    ]
