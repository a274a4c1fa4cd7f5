"""One round: whom it locks, how it is taken apart, when its waits end."""

from hashlib import sha256

from pointsman.store.records import Guard, Intent, IntentResult, NotDurable, OutcomeResult, State
from pointsman.store.rounds import (
    LATE,
    NEVER,
    Round,
    WaitingIntent,
    end_of,
    expire_round,
    fail,
    told_late,
)
from pointsman.store.waiting import Queue
from tests.store.house import approved, transaction


def test_a_round_is_taken_apart_into_its_rows() -> None:
    queue = Queue()
    queue.add_intent(Intent(transaction(1)), 5.0, lambda _: None)
    queue.add_outcome(approved(transaction(2)))
    queue.add_taken(b"one")
    queue.add_taken(b"two")
    parts = list(queue.cut().singly())
    assert [len(part) for part in parts] == [1, 2, 1]
    assert (len(parts[0].outcomes), len(parts[1].taken), len(parts[2].intents)) == (1, 2, 1)


def test_intents_are_cut_in_the_order_of_their_keys_and_copies_as_they_came() -> None:
    queue = Queue()
    first, second, copy = transaction(2), transaction(1), transaction(2)
    for one in (first, second, copy):
        queue.add_intent(Intent(one), 5.0, lambda _: None)
    assert [w.intent.transaction.id for w in queue.cut().intents] == [second.id, first.id, copy.id]


def test_the_events_of_a_round_and_the_hash_after_them() -> None:
    queue = Queue()
    sale, other = transaction(1), transaction(2)
    queue.add_intent(Intent(sale), 5.0, lambda _: None)
    queue.add_outcome(approved(other))
    queue.add_taken(b"\x0a")
    queue.add_taken(b"\x0b")
    cut = queue.cut()
    events = cut.events()
    assert [(event.kind, event.about) for event in events] == [
        (b"outcome", other.id),
        (b"taken", None),
        (b"intent", sale.id),
    ]
    assert events[1].body == b"0a 0b"
    told = b"".join((e.about or b"") + e.kind + b" " + e.body + b"\n" for e in events)
    assert end_of(b"head", events) == sha256(b"head" + told).digest()
    assert end_of(b"head", []) == b"head"


def test_only_rows_that_others_may_want_are_locked() -> None:
    plain, follow_up = transaction(1), transaction(2, original=b"original")
    cut = Round(
        intents=[
            WaitingIntent(Intent(plain), b"", NEVER, None),
            WaitingIntent(Intent(follow_up, Guard.VOID), b"", NEVER, None),
        ]
    )
    assert cut.locks() == [b"original"]


def test_each_wait_of_a_round_ends_at_its_own_deadline_and_once() -> None:
    intents: list[IntentResult] = []
    outcomes: list[OutcomeResult] = []
    queue = Queue()
    queue.add_intent(Intent(transaction(1)), 5.0, intents.append)
    queue.add_outcome(approved(transaction(2)), 6.0, outcomes.append)
    cut = queue.cut()
    assert cut.earliest() == 5.0
    expire_round(cut, 5.0)
    assert (intents, outcomes, cut.earliest()) == ([NotDurable(LATE)], [], 6.0)
    fail(cut, "gone")
    assert (len(intents), len(outcomes), cut.earliest()) == (1, 1, NEVER)


def test_what_was_told_late_is_refused_and_reserves_nothing() -> None:
    void = Intent(transaction(1, original=b"original", answer={"37": "X"}), Guard.VOID)
    late = told_late(WaitingIntent(void, b"", 1.0, None))
    assert late is not None
    row = late.intent.transaction
    assert (row.state, row.response_code, row.answer) == (
        State.REFUSED,
        "96",
        {"37": "X", "39": "96"},
    )
    assert late.intent.guard is None
    assert told_late(late) is late


def test_of_a_refund_that_was_told_late_nothing_is_written() -> None:
    refund = Intent(transaction(1, original=b"original", reversible=False), Guard.REFUND)
    assert told_late(WaitingIntent(refund, b"", 1.0, None)) is None
