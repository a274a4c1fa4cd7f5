"""The diagrams in docs/transaction-states.md are what the code does, found by trying everything.

A payment's life is walked through every event that each of its steps can meet; the journal's states
are found by giving every verb to a sale in every state it can come to. After a change that is
meant, ``python -m tests.switch.test_transaction_diagram`` writes the page anew.
"""

import re
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import trio

from pointsman.hsm.commands import InboundDone, OutboundDone
from pointsman.routing.table import Choice
from pointsman.store.parked_sql import Action
from pointsman.store.records import Repeated, State, Transaction
from pointsman.switch.steps import (
    Command,
    Event,
    FindOriginal,
    Finish,
    FirstSettled,
    HostAnswered,
    Intend,
    OriginalSought,
    Promote,
    Reply,
    Step,
    StoreAway,
)
from tests.store.house import approved, declined, transaction, unknown
from tests.store.stores import Clerk, Store, open_store
from tests.switch.lives import approved_sale, life, message
from tests.switch.test_transaction import SALE, _possible

PAGE = Path(__file__).parents[2] / "docs" / "transaction-states.md"
DEPTH_MAX = 12
SENT = {"acknowledged", "refused for good"}  # they need a reversal that was sent
Arrow = tuple[str, str, str]


def life_arrows() -> set[Arrow]:
    """Walk sales and voids through every event; (step, event, step)."""
    found: set[Arrow] = set()
    for name in (SALE, "cup-void-req"):
        paths: list[tuple[int, ...]] = [()]
        while paths:
            path = paths.pop()
            choices = _walk(name, path, found)
            if choices and len(path) < DEPTH_MAX:
                paths += [(*path, choice) for choice in range(choices)]
    return found


def _walk(name: str, path: tuple[int, ...], found: set[Arrow]) -> int:
    """Follow one path from the beginning; return how many events its end can meet."""
    started = life(message(name))
    commands = started.start()
    for choice in path:
        before, event = started.step, _events(commands[-1], started.record)[choice]
        commands = started.on(event)
        found.add((before.name, _words(event), started.step.name))
    if isinstance(commands[-1], Reply | Finish):
        return 0
    return len(_events(commands[-1], started.record))


def _events(command: Command, record: Transaction | None) -> list[Event]:
    match command:
        case FindOriginal():
            sale = approved_sale()
            fits = OriginalSought(sale, Choice("alpha", "as the original"))
            return [OriginalSought(None, None), fits, StoreAway()]
        case Intend(intent):
            first = intent.transaction
            told = replace(first, state=State.APPROVED, answer={"39": "00"})
            return [*_possible(command, record), Repeated(told), Repeated(first)]
        case Promote():
            raise AssertionError("promotion stands before another command")
        case _ if record is None and type(command).__name__ == "Join":
            told = replace(approved_sale(), answer={"39": "00"})
            return [FirstSettled(None), FirstSettled(told)]
        case _:
            return _possible(command, record)


def _words(event: Event) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(event).__name__).lower()
    match event:
        case OutboundDone(mac_ok=False) | InboundDone(mac_ok=False):
            return "MAC wrong"
        case OutboundDone(pin_ok=False):
            return "PIN block wrong"
        case OutboundDone() | InboundDone():
            return "HSM done"
        case HostAnswered():
            return "host answered"
        case Repeated():
            return "repeated, in flight" if event.first.state is State.SENDING else "repeated"
        case _:
            return words.replace("hsm", "HSM")


async def journal_arrows() -> set[Arrow]:
    """Give every verb to a sale in every state it can come to; (state, verb, state)."""
    found: set[Arrow] = set()
    todo: list[tuple[str, ...]] = [()]
    seen: set[str] = set()
    while todo:
        path = todo.pop(0)
        async with open_store(None) as store:
            clerk = await store.worker()
            sale = transaction(1)
            await clerk.intend(sale)
            for verb in path:
                await _verbs(store, clerk, sale)[verb]()
            before = _stands(await clerk.row(sale))
            if before in seen:
                continue
            seen.add(before)
        for verb in _verbs(store, clerk, sale):
            if verb in SENT and before.startswith("sending"):
                continue  # what is owed waits until its original is no longer in flight
            async with open_store(None) as store:
                clerk = await store.worker()
                sale = transaction(1)
                await clerk.intend(sale)
                for earlier in (*path, verb):
                    await _verbs(store, clerk, sale)[earlier]()
                after = _stands(await clerk.row(sale))
            if after != before:
                found.add((before, verb, after))
                todo.append((*path, verb))
    return found


def _verbs(
    store: Store, clerk: Clerk, sale: Transaction
) -> Mapping[str, Callable[[], Awaitable[object]]]:
    records = clerk.records
    return {
        "host approved": lambda: clerk.conclude(approved(sale)),
        "host declined": lambda: clerk.conclude(declined(sale)),
        "no answer": lambda: clerk.conclude(unknown(sale)),
        "owe": lambda: records.owe(sale.id, "22"),
        "reversal arrived": lambda: records.reversal_arrived(sale.key, sale.amount_minor, "98"),
        "acknowledged": lambda: records.owed_done(sale.id, "00"),
        "refused for good": lambda: records.owed_parked(sale.id, "06"),
        "late approval": lambda: records.late_answer(sale.id, "00", "late", approves=True),
        "two users, retry": lambda: store.decide(sale.id, Action.RETRY),
        "two users, done": lambda: store.decide(sale.id, Action.DONE),
        "two users, not done": lambda: store.decide(sale.id, Action.NOT_DONE),
    }


def _stands(row: Transaction) -> str:
    return row.state.value if row.undo.value == "none" else f"{row.state.value}, {row.undo.value}"


def page() -> str:
    """Return docs/transaction-states.md."""
    steps = [step.name for step in Step]
    arrows = sorted(life_arrows(), key=lambda a: (steps.index(a[0]), steps.index(a[2]), a[1]))
    return "\n".join(
        [
            "# The states of a transaction",
            "",
            "Both diagrams are found by trying: `tests/switch/test_transaction_diagram.py` gives",
            "every event to every step, and every verb to a sale in every state, and holds this",
            "page against what happened. What each word means stands beside it in",
            "`pointsman/switch/steps.py` and `pointsman/store/records.py`.",
            "",
            "## One payment in its worker: what it waits for",
            "",
            "Nothing is sent before `INTEND` was answered by recorded; nothing approved is told",
            "before `CONCLUDE` was answered by concluded, or the journal itself was asked.",
            "",
            *_diagram(arrows),
            "",
            "## One sale in the journal: state, and what became of its reversal",
            "",
            "A verb that changes nothing has no arrow. A refund in advice clothes is never",
            "reversed: it is repeated until its outcome is known ([journal.md](journal.md)). What",
            "is parked goes on by the word of two users (`pointsman owed`).",
            "",
            *_diagram(sorted(trio.run(journal_arrows))),
            "",
        ]
    )


def _diagram(arrows: list[Arrow]) -> Iterator[str]:
    joined: dict[tuple[str, str], list[str]] = {}
    for before, label, after in arrows:
        joined.setdefault((before, after), []).append(label)
    names = {name: re.sub(r"\W+", "_", name) for pair in joined for name in pair}
    yield "```mermaid"
    yield "stateDiagram-v2"
    for name, mark in names.items():
        yield f"    {mark} : {name}"
    for (before, after), labels in joined.items():
        yield f"    {names[before]} --> {names[after]} : {' / '.join(labels)}"
    yield "```"


def test_the_page_says_what_the_code_does() -> None:
    assert PAGE.read_text() == page()


def test_no_arrow_of_the_journal_leads_back_to_sending() -> None:
    arrows = trio.run(journal_arrows)
    assert len(arrows) > 10
    assert not [arrow for arrow in arrows if arrow[2].startswith("sending") and "," not in arrow[2]]


if __name__ == "__main__":
    sys.exit(PAGE.write_text(page()) == 0)
