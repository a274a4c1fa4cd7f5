"""What one group commit carries, and who waits for it.

A core: values and the ends of waits. What waits for the next round is in waiting.py, what the
database's answer to a round means in results.py; the task that takes rounds there is in journal.py.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import NamedTuple

from msgspec import Struct

from pointsman.store.records import (
    Intent,
    IntentResult,
    NotConcluded,
    NotDurable,
    Outcome,
    OutcomeResult,
    State,
)
from pointsman.store.rows import intent_document

LATE = "not durable in time"

MALFUNCTION = "96"

NEVER = float("inf")


class WaitingIntent(Struct):
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


class WaitingOutcome(Struct):
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


class Event(NamedTuple):
    """What the journal will say happened, where nothing unusual does."""

    kind: bytes
    about: bytes | None
    body: bytes


@dataclass(slots=True)
class Round:
    """What one group commit carries; intents in the order in which all writers take keys."""

    outcomes: list[WaitingOutcome] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    intents: list[WaitingIntent] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.outcomes) + len(self.taken) + len(self.intents)

    def sort(self) -> None:
        """Put intents in the order of their request keys; of copies, the first stays first."""
        self.intents.sort(key=_request_key)

    def events(self) -> list[Event]:
        """Return its events in the order of the journal: outcomes, one for all notes, intents."""
        events = [Event(b"outcome", w.outcome.id, w.document) for w in self.outcomes]
        if self.taken:
            noted = b" ".join(one.hex().encode() for one in self.taken)
            events.append(Event(b"taken", None, noted))
        events += [Event(b"intent", w.intent.transaction.id, w.document) for w in self.intents]
        return events

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
        return earliest(self.intents, self.outcomes)

    def singly(self) -> "Iterator[Round]":
        """Return a round for each part: one row that the database refuses must not fail others."""
        for outcome in self.outcomes:
            yield Round(outcomes=[outcome])
        if self.taken:
            yield Round(taken=self.taken)
        for intent in self.intents:
            yield Round(intents=[intent])


def end_of(head: bytes, events: Sequence[Event]) -> bytes:
    """Return the hash of a chain that ends in `head` after one more commit (see event_bytes)."""
    if not events:
        return head
    parts = [head]
    for kind, about, body in events:
        parts += (about or b"", kind, b" ", body, b"\n")
    return sha256(b"".join(parts)).digest()


def expire_intents(cut: Round, now: float) -> None:
    """End the waits of intents; also when their commit's answer is there, but came too late.

    A process that stood still may see both at once, and its request would be sent too late.
    """
    for intent in cut.intents:
        if intent.deadline <= now:
            intent.tell(NotDurable(LATE))


def expire_round(cut: Round, now: float) -> None:
    """End the waits of a round under way; the commit goes on."""
    expire_intents(cut, now)
    for outcome in cut.outcomes:
        if outcome.deadline <= now:
            outcome.tell(NotConcluded(LATE))


def fail(cut: Round, reason: str) -> None:
    """Tell everybody in a round that nothing was written."""
    for intent in cut.intents:
        intent.tell(NotDurable(reason))
    for outcome in cut.outcomes:
        outcome.tell(NotConcluded(reason))


def _request_key(waiting: WaitingIntent) -> tuple[str, str, str, str]:
    key = waiting.intent.transaction.key
    return key.mid, key.tid, key.batch, key.stan


def told_late(waiting: WaitingIntent) -> WaitingIntent | None:
    """Return what is written of an intent whose terminal was told 96: it was never sent.

    Nothing of a request that its terminal sends again until it is done (a refund): the next copy
    is a first one.
    """
    transaction = waiting.intent.transaction
    if not transaction.reversible:
        return None
    if transaction.state is State.REFUSED and waiting.deadline == NEVER:
        return waiting
    refused = replace(
        transaction,
        state=State.REFUSED,
        response_code=MALFUNCTION,
        answer={**transaction.answer, "39": MALFUNCTION},
    )
    intent = Intent(refused)
    return WaitingIntent(intent, intent_document(intent), NEVER, None)


def earliest(intents: Iterable[WaitingIntent], outcomes: Iterable[WaitingOutcome]) -> float:
    """Return the first deadline of those who still wait; infinity where nobody does."""
    first = min((w.deadline for w in intents if w.done is not None), default=NEVER)
    return min(first, *(w.deadline for w in outcomes if w.done is not None), NEVER)
