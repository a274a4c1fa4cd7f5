"""What waits for the next group commit, in its order, and how a round is cut of it.

A core. What one round is stands in rounds.py; the task that takes rounds to PostgreSQL and ends
waits at their deadlines is in journal.py.
"""

from collections import deque
from collections.abc import Callable

from pointsman.store.records import (
    Intent,
    IntentResult,
    Money,
    NotConcluded,
    NotDurable,
    Outcome,
    OutcomeResult,
    Recorded,
    State,
)
from pointsman.store.rounds import (
    LATE,
    MALFUNCTION,
    NEVER,
    Round,
    WaitingIntent,
    WaitingOutcome,
    earliest,
    fail,
    told_late,
)
from pointsman.store.rows import intent_document, outcome_document

ROUND_ROWS_MAX = 1000
"""One commit carries no more rows: a larger round makes everybody in it wait longer."""

WAITING_MAX = 20_000
"""More than this never becomes durable in time; the next one is refused at once."""

IN_DOUBT = "98"

LATE_KEPT_MAX = 5_000
"""Intents that were told "not durable" and are still written, as refused: a repeat hears the same.

More than these wait only while the database is away for long; the oldest are then forgotten.
"""


class Queue:
    """All that waits, in the order in which it came."""

    def __init__(self) -> None:
        self._outcomes: deque[WaitingOutcome] = deque()
        self._taken: deque[bytes] = deque()
        self._intents: deque[WaitingIntent] = deque()
        self._originals: dict[bytes, bytes] = {}  # of follow-ups between their two commits

    def __len__(self) -> int:
        return len(self._outcomes) + len(self._taken) + len(self._intents)

    @property
    def is_awaited(self) -> bool:
        """Whether there is more than notes of delivery: somebody waits for the next round."""
        return bool(self._outcomes or self._intents)

    def add_intent(
        self, intent: Intent, deadline: float, done: Callable[[IntentResult], None]
    ) -> None:
        """Put an intent at the end."""
        self._intents.append(WaitingIntent(intent, intent_document(intent), deadline, done))

    def add_outcome(
        self,
        outcome: Outcome,
        deadline: float = NEVER,
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
        cut.sort()
        return cut

    def put_back(self, cut: Round) -> None:
        """Return a round that was certainly not written, with what is kept of those told."""
        self._outcomes.extendleft(
            w for w in reversed(cut.outcomes) if w.deadline == NEVER or w.done
        )
        self._taken.extendleft(reversed(cut.taken))
        back = (w if w.done else told_late(w) for w in reversed(cut.intents))
        self._intents.extendleft(waiting for waiting in back if waiting is not None)

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
                elif kept := told_late(intent):
                    kept_intents.append(kept)
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
        return earliest(self._intents, self._outcomes)

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
        is_open = durable and transaction.state is State.SENDING
        if is_open and waiting.intent.guard is not None and transaction.original is not None:
            self._originals[transaction.id] = transaction.original
        if is_open and waiting.done is None:
            # Its caller heard "not durable" and never sent it. A refund's terminal sends it again
            # until it is done: it is owed to the acquirer, whose answer the next copy will get.
            self.add_outcome(
                Outcome(transaction.id, State.FAILED, MALFUNCTION, {"39": MALFUNCTION})
                if transaction.reversible or transaction.money is Money.NONE
                else Outcome(transaction.id, State.UNKNOWN, IN_DOUBT, {"39": IN_DOUBT}, owe=True)
            )
        waiting.tell(result)
