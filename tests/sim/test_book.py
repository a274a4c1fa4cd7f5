"""The simulated host's book, row by row and by a model that knows the right sums."""

import dataclasses

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from pointsman.sim.book import Book
from pointsman.sim.host_rows import Effect, Outcome, Work
from pointsman.sim.questions import Question, UndoQuestion

QUESTION = Question(
    at="2026-03-15T02:17:35.000+00:00",
    key="0315021735-004711",
    mti="0200",
    work=Work.SALE,
    processing_code="000000",
    amount_minor=10_000,
    currency="156",
    mid="898100053310001",
    tid="12345678",
    rrn="607412345678",
    card="411111******1111",
    pin="none",
    code="00",
    auth="123456",
    behaviour="answer",
)
UNDO = UndoQuestion(
    at=QUESTION.at,
    key="0315021815-004730",
    mti="0420",
    original=QUESTION.key,
    amount_minor=10_000,
    mid=QUESTION.mid,
    tid=QUESTION.tid,
    rrn=QUESTION.rrn,
    reason="68",
    behaviour="answer",
)
ACCOUNT = (QUESTION.mid, "156")


def ask(book: Book, **changes: object) -> tuple[Outcome, str]:
    row = book.request(dataclasses.replace(QUESTION, **changes))  # type: ignore[arg-type]  # table
    book.apply(row)
    return row.outcome, row.code


def undo(book: Book, **changes: object) -> tuple[Effect, str]:
    row = book.reversal(dataclasses.replace(UNDO, **changes))  # type: ignore[arg-type]  # table
    book.apply(row)
    return row.effect, row.code


def test_an_approved_sale_counts_until_it_is_reversed() -> None:
    book = Book()
    assert ask(book) == (Outcome.APPROVED, "00")
    assert book.settled() == {ACCOUNT: 10_000}
    assert undo(book) == (Effect.UNDONE, "00")
    assert book.settled() == {}


def test_a_repeated_reversal_is_answered_as_before_and_undoes_nothing_more() -> None:
    book = Book()
    ask(book)
    undo(book)
    assert undo(book, mti="0421") == (Effect.REPEAT, "00")
    assert undo(book, key="0315021900-004999") == (Effect.AGAIN, "00")


def test_reversal_of_the_unknown_is_remembered_and_a_late_original_refused() -> None:
    book = Book()
    assert undo(book) == (Effect.UNKNOWN, "25")
    assert ask(book) == (Outcome.REFUSED, "12")
    assert book.settled() == {}


def test_reversal_with_another_amount_or_terminal_undoes_nothing() -> None:
    book = Book()
    ask(book)
    assert undo(book, amount_minor=9_999) == (Effect.DIFFERS, "25")
    assert undo(book, key="0315021900-004999", tid="87654321") == (Effect.DIFFERS, "25")
    assert book.settled() == {ACCOUNT: 10_000}


def test_a_second_copy_is_known_by_its_key() -> None:
    book = Book()
    ask(book)
    assert ask(book) == (Outcome.DUPLICATE, "94")
    assert ask(book, mti="0201") == (Outcome.REPEAT, "00")
    assert ask(book, mti="0201", amount_minor=1) == (Outcome.DUPLICATE, "94")
    assert book.settled() == {ACCOUNT: 10_000}


def test_a_void_needs_its_sale_once_and_whole() -> None:
    book = Book()
    ask(book)
    void = {"work": Work.VOID, "original": QUESTION.key}
    assert ask(book, key="k-2", amount_minor=1, **void) == (Outcome.REFUSED, "64")
    assert ask(book, key="k-3", **void) == (Outcome.APPROVED, "00")
    assert ask(book, key="k-4", **void) == (Outcome.REFUSED, "12")
    assert book.settled() == {ACCOUNT: 0}
    assert ask(book, key="k-5", work=Work.VOID, original="nothing") == (Outcome.REFUSED, "25")


def test_reversing_the_void_makes_the_sale_live_again() -> None:
    book = Book()
    ask(book)
    ask(book, key="k-3", work=Work.VOID, original=QUESTION.key)
    assert undo(book, original="k-3") == (Effect.UNDONE, "00")
    assert book.settled() == {ACCOUNT: 10_000}
    assert ask(book, key="k-4", work=Work.VOID, original=QUESTION.key) == (Outcome.APPROVED, "00")


def test_a_voided_sale_is_not_reversed() -> None:
    book = Book()
    ask(book)
    ask(book, key="k-3", work=Work.VOID, original=QUESTION.key)
    assert undo(book) == (Effect.REFUSED, "12")


class RefundsNeverPassTheSale(RuleBasedStateMachine):
    """Sales, refunds, voids and reversals in any order against sums kept apart."""

    sales = Bundle("sales")

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.number = 0
        self.left: dict[str, int] = {}
        self.total = 0

    def next_key(self) -> str:
        self.number += 1
        return f"0315021735-{self.number:06d}"

    @rule(target=sales, amount=st.integers(1, 5_000))
    def sell(self, amount: int) -> str:
        key = self.next_key()
        assert ask(self.book, key=key, rrn=key, amount_minor=amount)[0] is Outcome.APPROVED
        self.left[key] = amount
        self.total += amount
        return key

    @rule(sale=sales, amount=st.integers(1, 5_000))
    def refund(self, sale: str, amount: int) -> None:
        outcome, _ = ask(
            self.book,
            key=self.next_key(),
            mti="0220",
            work=Work.REFUND,
            original=sale,
            amount_minor=amount,
        )
        assert (outcome is Outcome.APPROVED) is (amount <= self.left.get(sale, -1))
        if outcome is Outcome.APPROVED:
            self.left[sale] -= amount
            self.total -= amount

    @rule(sale=consumes(sales))
    def reverse(self, sale: str) -> None:
        row = self.book.entries[sale].row
        effect, _ = undo(
            self.book, key=self.next_key(), original=sale, amount_minor=row.amount_minor
        )
        untouched = self.left.pop(sale) == row.amount_minor
        assert effect is (Effect.UNDONE if untouched else Effect.REFUSED)
        if untouched:
            self.total -= row.amount_minor

    @invariant()
    def sums_agree(self) -> None:
        assert sum(self.book.settled().values()) == self.total


TestRefundsNeverPassTheSale = RefundsNeverPassTheSale.TestCase
TestRefundsNeverPassTheSale.settings = settings(
    max_examples=50, stateful_step_count=20, deadline=None
)
