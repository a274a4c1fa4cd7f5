"""What the database's answer to a round means to those who wait for it.

A core. An answer names exceptions only; where it was lost, the events of the round say what was
written. The SQL that gives both is in schema/0025_typed_rounds.sql, what a round is in rounds.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pointsman.store.records import (
    BatchNotOpen,
    Concluded,
    Conflicting,
    GuardFailed,
    IntentResult,
    NotConcluded,
    OutcomeResult,
    Recorded,
    Repeated,
    Tombstone,
)
from pointsman.store.rounds import Round
from pointsman.store.rows import transaction
from pointsman.store.waiting import Queue


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
