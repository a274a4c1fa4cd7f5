"""What waits for the next group commit, how a round is cut of it, and what a round's answer means.

A core: no database and no clock. The task that takes rounds to PostgreSQL is in journal.py; the
SQL that carries one out is in schema/0003_round.sql.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pointsman.store.records import (
    BatchNotOpen,
    Concluded,
    Conflicting,
    GuardFailed,
    Intent,
    IntentResult,
    NotConcluded,
    NotDurable,
    Outcome,
    OutcomeResult,
    Recorded,
    Repeated,
    State,
    Tombstone,
)
from pointsman.store.rows import intent_document, outcome_document, transaction

ROUND_ROWS_MAX = 1000
"""One commit carries no more rows: a larger round makes everybody in it wait longer."""

WAITING_MAX = 20_000
"""More than this never becomes durable in time; the next one is refused at once."""

LATE = "not durable in time"

LATE_KEPT_MAX = 5_000
"""Intents that were told "not durable" and are still written, as refused: a repeat hears the same.

More than these wait only while the database is away for long; the oldest are then forgotten.
"""

_MALFUNCTION = "96"

_NEVER = float("inf")


@dataclass(slots=True)
class WaitingIntent:
    """One intent on its way; `done` is None once its caller was told that it is not durable."""

    intent: Intent
    document: bytes
    deadline: float
    done: Callable[[IntentResult], None] | None

    def tell(self, result: IntentResult) -> None:
        """Give the result to whom it belongs, once."""
        if self.done is not None:
            done, self.done = self.done, None
            done(result)


@dataclass(slots=True)
class WaitingOutcome:
    """One outcome on its way; `original` is what its intent had reserved on."""

    outcome: Outcome
    document: bytes
    deadline: float
    original: bytes | None
    done: Callable[[OutcomeResult], None] | None

    def tell(self, result: OutcomeResult) -> None:
        """Give the result to whom it belongs, once."""
        if self.done is not None:
            done, self.done = self.done, None
            done(result)


@dataclass(slots=True)
class Round:
    """What one group commit carries."""

    outcomes: list[WaitingOutcome] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    intents: list[WaitingIntent] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.outcomes) + len(self.taken) + len(self.intents)

    def locks(self) -> list[bytes]:
        """Return the ids that must be locked in order, since another worker may want them too."""
        ids: list[bytes] = []
        for waiting in self.outcomes:
            if waiting.original is not None:
                ids += (waiting.outcome.id, waiting.original)
        for intent in self.intents:
            if intent.intent.guard is not None and intent.intent.transaction.original is not None:
                ids.append(intent.intent.transaction.original)
        return ids

    def earliest(self) -> float:
        """Return the first deadline of those who still wait."""
        return _earliest(self.intents, self.outcomes)

    def singly(self) -> "Iterator[Round]":
        """Return a round for each part: one row that the database refuses must not fail others."""
        for outcome in self.outcomes:
            yield Round(outcomes=[outcome])
        if self.taken:
            yield Round(taken=self.taken)
        for intent in self.intents:
            yield Round(intents=[intent])


class Queue:
    """All that waits, in the order in which it came."""

    def __init__(self) -> None:
        self._outcomes: deque[WaitingOutcome] = deque()
        self._taken: deque[bytes] = deque()
        self._intents: deque[WaitingIntent] = deque()
        self._originals: dict[bytes, bytes] = {}  # of follow-ups between their two commits

    def __len__(self) -> int:
        return len(self._outcomes) + len(self._taken) + len(self._intents)

    def add_intent(
        self, intent: Intent, deadline: float, done: Callable[[IntentResult], None]
    ) -> None:
        """Put an intent at the end."""
        self._intents.append(WaitingIntent(intent, intent_document(intent), deadline, done))

    def add_outcome(
        self,
        outcome: Outcome,
        deadline: float = _NEVER,
        done: Callable[[OutcomeResult], None] | None = None,
    ) -> None:
        """Put an outcome at the end; without `done` nobody waits for it."""
        original = self._originals.pop(outcome.id, None)
        document = outcome_document(outcome)
        self._outcomes.append(WaitingOutcome(outcome, document, deadline, original, done))

    def add_taken(self, id: bytes) -> None:  # noqa: A002
        """Note a delivery; the notes that do not fit are lost, and no rule depends on them."""
        if len(self._taken) < WAITING_MAX:
            self._taken.append(id)

    def cut(self) -> Round:
        """Take the next round: outcomes first, since terminals wait for them longest.

        At most one follow-up of each original is in it; the others wait for the next.
        """
        cut = Round()
        while self._outcomes and len(cut.outcomes) < ROUND_ROWS_MAX:
            cut.outcomes.append(self._outcomes.popleft())
        while self._taken and len(cut) < ROUND_ROWS_MAX:
            cut.taken.append(self._taken.popleft())
        originals: set[bytes] = set()
        later: list[WaitingIntent] = []
        while self._intents and len(cut) < ROUND_ROWS_MAX:
            waiting = self._intents.popleft()
            if waiting.intent.guard is not None:
                original = waiting.intent.transaction.original
                assert original is not None, "a guard without an original"
                if original in originals:
                    later.append(waiting)
                    continue
                originals.add(original)
            cut.intents.append(waiting)
        self._intents.extendleft(reversed(later))
        return cut

    def put_back(self, cut: Round) -> None:
        """Return a round that was certainly not written; who was told meanwhile drops out."""
        self._outcomes.extendleft(
            w for w in reversed(cut.outcomes) if w.deadline == _NEVER or w.done
        )
        self._taken.extendleft(reversed(cut.taken))
        self._intents.extendleft(w if w.done else _told_late(w) for w in reversed(cut.intents))

    def expire(self, now: float) -> None:
        """End the waits whose deadline has passed; nothing of them was written.

        An intent stays in its place, as refused with 96: that is what its terminal was told, and a
        copy of the request that comes later must not be authorised.
        """
        if any(waiting.deadline <= now for waiting in self._intents):
            for intent in self._intents:
                if intent.deadline <= now:
                    intent.tell(NotDurable(LATE))
            late = sum(waiting.done is None for waiting in self._intents)
            kept_intents: deque[WaitingIntent] = deque()
            for intent in self._intents:
                if intent.done is not None:
                    kept_intents.append(intent)
                elif late > LATE_KEPT_MAX:
                    late -= 1
                else:
                    kept_intents.append(_told_late(intent))
            self._intents = kept_intents
        if any(waiting.deadline <= now for waiting in self._outcomes):
            kept_outcomes: deque[WaitingOutcome] = deque()
            for outcome in self._outcomes:
                if outcome.deadline <= now:
                    outcome.tell(NotConcluded(LATE))
                else:
                    kept_outcomes.append(outcome)
            self._outcomes = kept_outcomes

    def earliest(self) -> float:
        """Return the first deadline of those who wait."""
        return _earliest(self._intents, self._outcomes)

    def fail_all(self, reason: str) -> None:
        """End every wait: nothing will be written any more."""
        cut = Round(list(self._outcomes), [], list(self._intents))
        self._outcomes.clear()
        self._taken.clear()
        self._intents.clear()
        fail(cut, reason)

    def finish_intent(self, waiting: WaitingIntent, result: IntentResult) -> None:
        """Tell an intent's result; conclude as failed what is durable and nobody waits for."""
        durable = isinstance(result, Recorded)
        transaction = waiting.intent.transaction
        if durable and waiting.intent.guard is not None and transaction.original is not None:
            self._originals[transaction.id] = transaction.original
        if durable and waiting.done is None and transaction.state is State.SENDING:
            # Its caller heard "not durable" and never sent it.
            self.add_outcome(
                Outcome(transaction.id, State.FAILED, _MALFUNCTION, {"39": _MALFUNCTION})
            )
        waiting.tell(result)


def _told_late(waiting: WaitingIntent) -> WaitingIntent:
    """Return what is written of an intent whose terminal was told 96: it was never sent."""
    transaction = waiting.intent.transaction
    if transaction.state is State.REFUSED and waiting.deadline == _NEVER:
        return waiting
    refused = replace(
        transaction,
        state=State.REFUSED,
        response_code=_MALFUNCTION,
        answer={**transaction.answer, "39": _MALFUNCTION},
    )
    intent = Intent(refused)
    return WaitingIntent(intent, intent_document(intent), _NEVER, None)


def _earliest(intents: Iterable[WaitingIntent], outcomes: Iterable[WaitingOutcome]) -> float:
    first = min((w.deadline for w in intents if w.done is not None), default=_NEVER)
    return min(first, *(w.deadline for w in outcomes if w.done is not None), _NEVER)


def expire_round(cut: Round, now: float) -> None:
    """End the waits of a round under way; the commit goes on."""
    for intent in cut.intents:
        if intent.deadline <= now:
            intent.tell(NotDurable(LATE))
    for outcome in cut.outcomes:
        if outcome.deadline <= now:
            outcome.tell(NotConcluded(LATE))


def fail(cut: Round, reason: str) -> None:
    """Tell everybody in a round that nothing was written."""
    for intent in cut.intents:
        intent.tell(NotDurable(reason))
    for outcome in cut.outcomes:
        outcome.tell(NotConcluded(reason))


def finish(queue: Queue, cut: Round, day: date, others: Sequence[Mapping[str, Any]]) -> None:
    """Tell the results of a round that is durable; `others` are its exceptions, as SQL tells them.

    Every intent that is not among them is recorded, every outcome concluded. Any: rows of JSON.
    """
    intents: dict[int, IntentResult] = {}
    outcomes: dict[int, OutcomeResult] = {}
    for other in others:
        if other["k"] == "i":
            intents[other["n"] - 1] = _intent_result(other)
        elif other["r"] == "untold":
            outcomes[other["n"] - 1] = Concluded(tell=False)
        else:
            outcomes[other["n"] - 1] = NotConcluded(f"the row is {other['c']}")
    told = Concluded(tell=True)
    recorded = Recorded(day)
    for number, outcome in enumerate(cut.outcomes):
        outcome.tell(outcomes.get(number, told) if outcomes else told)
    for number, intent in enumerate(cut.intents):
        queue.finish_intent(intent, intents.get(number, recorded) if intents else recorded)


def finish_found(
    queue: Queue, cut: Round, found: Mapping[tuple[str, bytes], tuple[str, date]]
) -> None:
    """Tell the results of a round that proved durable when its answer was lost.

    `found` is what its events say: ("intent" or "outcome", id) to (kind of event, business date).
    What has no event was not written, and goes into the next round.
    """
    rest = Round()
    for outcome in cut.outcomes:
        event = found.get(("outcome", outcome.outcome.id))
        if event is None:
            rest.outcomes.append(outcome)
        else:
            outcome.tell(Concluded(tell=event[0] == "outcome"))
    for intent in cut.intents:
        event = found.get(("intent", intent.intent.transaction.id))
        if event is None:
            rest.intents.append(intent)
        elif event[0].startswith("guard-"):
            queue.finish_intent(intent, GuardFailed(event[0].removeprefix("guard-")))
        else:
            queue.finish_intent(intent, Recorded(event[1]))
    queue.put_back(rest)


def _intent_result(other: Mapping[str, Any]) -> IntentResult:  # Any: a row of JSON
    match other["r"]:
        case "repeated":
            return Repeated(transaction(other["t"]))
        case "conflict":
            return Conflicting()
        case "tombstone":
            return Tombstone()
        case "batch":
            return BatchNotOpen()
        case "guard":
            return GuardFailed(other["c"])
        case unknown:
            raise AssertionError(f"schema and code differ: {unknown}")
