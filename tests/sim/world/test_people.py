"""Two people end what was parked by what the acquirer's book says, or send it again."""

from dataclasses import replace

import pytest
from msgspec import structs

from pointsman.sim.book import Book
from pointsman.sim.host_rows import Effect, HostReversal, Outcome
from pointsman.sim.world.people import verdict
from pointsman.sim.world.world import run_world
from pointsman.store.memory import MemoryDatabase, OwedRow
from pointsman.store.records import OwedState
from tests.sim.world.witnesses import DONE, KEY, MID, TID
from tests.sim.world.worlds import calm

ID = b"\x01" * 16
UNDONE = HostReversal(
    "", "r1", "0420", KEY, 1000, MID, TID, "R1", "98", Effect.UNDONE, "00", "answer"
)


def parked(kind: str) -> MemoryDatabase:
    db = MemoryDatabase(lambda: 0.0)
    time, stan = KEY.split("-")
    db.transactions[ID] = {
        "acquirer": "alpha",
        "amount_minor": DONE.amount_minor,
        "details": {"host_time": time, "host_stan": stan},
    }
    db.owed[ID] = OwedRow(kind, "alpha", 0, OwedState.PARKED, "", 0.0, 0.0, 0)
    return db


@pytest.mark.parametrize(
    ("kind", "held", "undone", "said"),
    [
        ("reversal", True, False, "not-done"),  # the customer is charged still
        ("reversal", True, True, "done"),
        ("reversal", False, False, "done"),  # it never arrived: there is nothing to undo
        ("advice", True, False, "done"),
        ("advice", False, False, "not-done"),
    ],
)
def test_people_say_what_the_acquirers_book_says(
    kind: str, held: bool, undone: bool, said: str
) -> None:
    book = Book()
    if held:
        book.apply(DONE)
    if undone:
        book.apply(UNDONE)
    assert verdict(parked(kind), {"alpha": book}, ID) == said


def test_an_advice_that_the_acquirer_refused_was_not_done() -> None:
    book = Book()
    book.apply(structs.replace(DONE, outcome=Outcome.REFUSED, code="12"))
    assert verdict(parked("advice"), {"alpha": book}, ID) == "not-done"


def test_what_an_acquirer_counts_with_another_amount_is_sent_again() -> None:
    """Seed 1922490081: said to stand, it stood with the amount that was asked for."""
    book = Book()
    book.apply(structs.replace(DONE, approved_minor=DONE.amount_minor + 1))
    assert verdict(parked("reversal"), {"alpha": book}, ID) == "retry"
    book.apply(UNDONE)
    assert verdict(parked("reversal"), {"alpha": book}, ID) == "done"


def test_what_they_end_leaves_journal_acquirers_and_settlement_in_one_mind() -> None:
    rates = {"host silent": 0.3, "host reversal-refused": 0.7, "host lost": 0.1}
    outcome = run_world(replace(calm(4, 4.0), rates=rates, people=True))
    assert outcome.violations == []
    said = {name: count for name, count in outcome.rare.items() if name.startswith("two people")}
    assert set(said) >= {"two people said done", "two people said not-done"}
