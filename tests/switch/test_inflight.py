"""The table of requests in flight against a model, and the identity guard field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pointsman.switch.inflight import (
    KEY_IN_USE,
    LATE_KEPT_S,
    LATE_MAX,
    Expected,
    InFlight,
    Match,
    Reason,
    Unmatched,
    disagreement,
)

CAPACITY = 4
EXPECTED = Expected(
    mti="0200",
    host_time="0315021735",
    host_stan="004711",
    amount="000000010000",
    currency="156",
    mid="898100053310001",
    tid="12345678",
    processing_code="000000",
    last4="1111",
)
FIELDS = {
    2: "4111111111111111",
    3: "000000",
    4: "000000010000",
    7: "0315021735",
    11: "004711",
    37: "607400000001",
    39: "00",
    41: "12345678",
    42: "898100053310001",
    49: "156",
}


@dataclass(frozen=True)
class Answer:
    """An answer as the codec would give it."""

    mti: str
    fields: Mapping[int, str] = field(default_factory=dict)

    def get(self, number: int) -> str | None:
        """Return a field or None."""
        return self.fields.get(number)


def test_an_equal_answer_agrees() -> None:
    assert disagreement(EXPECTED, Answer("0210", FIELDS)) is None


def test_an_acquirer_may_answer_with_its_own_reference() -> None:
    assert disagreement(EXPECTED, Answer("0210", FIELDS | {37: "000000115604"})) is None


def test_an_answer_that_echoes_little_agrees() -> None:
    assert disagreement(EXPECTED, Answer("0210", {7: FIELDS[7], 11: FIELDS[11]})) is None


@pytest.mark.parametrize(
    ("number", "value", "reason"),
    [
        (4, "000000090000", Reason.AMOUNT),
        (4, "000000009000", Reason.AMOUNT),
        (4, "", Reason.AMOUNT),
        (41, "12345679", Reason.TERMINAL),
        (42, "898100053310002", Reason.MERCHANT),
        (3, "200000", Reason.PROCESSING_CODE),
        (49, "840", Reason.CURRENCY),
        (2, "4012888888881881", Reason.CARD),
    ],
)
def test_each_field_that_differs_is_told(number: int, value: str, reason: Reason) -> None:
    assert disagreement(EXPECTED, Answer("0210", FIELDS | {number: value})) is reason


@pytest.mark.parametrize(
    ("code", "amount", "agrees"),
    [
        ("10", "000000009000", True),
        ("10", "000000010000", True),
        ("10", "000000010001", False),
        ("10", "9000", False),
        ("00", "000000009000", False),
    ],
)
def test_a_smaller_amount_is_believed_with_code_10_alone(
    code: str, amount: str, agrees: bool
) -> None:
    answer = Answer("0210", FIELDS | {4: amount, 39: code})
    assert (disagreement(EXPECTED, answer) is None) is agrees


@pytest.mark.parametrize(
    ("request_mti", "answer_mti", "agrees"),
    [
        ("0200", "0210", True),
        ("0200", "0410", False),
        ("0200", "0200", False),
        ("0200", "0230", False),
        ("0200", "0110", False),
        ("0200", "0211", False),
        ("0220", "0230", True),
        ("0221", "0230", True),
        ("0421", "0430", True),
        ("0421", "0431", True),
        ("0400", "0410", True),
        ("0200", "", False),
    ],
)
def test_only_the_answer_of_the_same_class_is_taken(
    request_mti: str, answer_mti: str, agrees: bool
) -> None:
    expected = Expected(request_mti, "0315021735", "004711")
    assert (disagreement(expected, Answer(answer_mti)) is None) is agrees


def test_blanks_at_the_end_of_a_text_field_say_nothing() -> None:
    expected = Expected("0200", "0315021735", "004711", mid="SHOP")
    assert disagreement(expected, Answer("0210", {42: "SHOP           "})) is None


def test_an_answer_before_the_last_byte_left_is_nobodys() -> None:
    table: InFlight[str] = InFlight(CAPACITY)
    table.enter(EXPECTED, "sale")
    assert table.match(Answer("0210", FIELDS), 1.0) == Unmatched(Reason.NOT_SENT, EXPECTED)
    assert len(table) == 1


def test_the_memory_of_ended_waits_is_bounded() -> None:
    table: InFlight[int] = InFlight(1)
    for number in range(LATE_MAX + 5):
        expected = Expected("0200", f"{number:010d}", "000001")
        table.enter(expected, number)
        table.sent(expected, 0, 1)
        assert table.expire(1) == [number]
    assert table.match(Answer("0210", {7: f"{4:010d}", 11: "000001"}), 2) == Unmatched(
        Reason.UNKNOWN, None
    )
    last = Expected("0200", f"{LATE_MAX + 4:010d}", "000001")
    answer = Answer("0210", {7: last.host_time, 11: "000001"})
    assert table.match(answer, 2) == Unmatched(Reason.LATE, last)


KEYS = st.integers(1, 6)


class InFlightModel(RuleBasedStateMachine):
    """Requests are entered, sent, answered, expired and lost; the model knows whose turn it is."""

    def __init__(self) -> None:
        super().__init__()
        self.table: InFlight[str] = InFlight(CAPACITY)
        self.now = 0.0
        self.waiting: dict[int, float | None] = {}  # number -> deadline, None before it is sent
        self.ended: dict[int, tuple[float, Reason]] = {}
        self.copies = dict.fromkeys(range(1, 7), 0)

    def expected(self, number: int) -> Expected:
        mti = "0421" if self.copies[number] else "0420"
        return Expected(mti, "0315021735", f"{number:06d}", amount=f"{number:012d}")

    def item(self, number: int) -> str:
        return f"{number}/{self.copies[number]}"

    def remembered(self, number: int) -> Reason | None:
        ended_at, reason = self.ended.get(number, (-LATE_KEPT_S, Reason.UNKNOWN))
        return reason if self.now < ended_at + LATE_KEPT_S else None

    @rule(number=KEYS, repeat=st.booleans())
    def enter(self, number: int, repeat: bool) -> None:
        first = Expected("0420", "0315021735", f"{number:06d}")
        repeated = Expected("0421", "0315021735", f"{number:06d}")
        refusal = self.table.refusal(repeated if repeat else first)
        if len(self.waiting) >= CAPACITY:
            assert refusal == "too many in flight"
        elif number in self.waiting or (not repeat and self.remembered(number)):
            assert refusal == KEY_IN_USE
        else:
            assert refusal is None
            self.copies[number] = self.copies[number] + 1 if repeat else 0
            self.table.enter(self.expected(number), self.item(number))
            self.waiting[number] = None
            self.ended.pop(number, None)

    @precondition(lambda self: None in self.waiting.values())
    @rule(wait=st.integers(1, 20), leaves=st.booleans())
    def write(self, wait: int, leaves: bool) -> None:
        number = next(n for n, deadline in self.waiting.items() if deadline is None)
        if leaves:
            self.table.sent(self.expected(number), self.now, self.now + wait)
            self.waiting[number] = self.now + wait
        else:
            self.table.withdraw(self.expected(number))
            del self.waiting[number]

    @rule(number=KEYS, right_amount=st.booleans())
    def answer(self, number: int, right_amount: bool) -> None:
        amount = number if right_amount else number + 1
        fields = {7: "0315021735", 11: f"{number:06d}", 4: f"{amount:012d}"}
        got = self.table.match(Answer("0430", fields), self.now)
        deadline = self.waiting.get(number)
        if number in self.waiting and deadline is not None and right_amount:
            assert isinstance(got, Match)
            assert got.item == self.item(number)
            del self.waiting[number]
            self.ended[number] = (self.now, Reason.DUPLICATE)
            return
        assert isinstance(got, Unmatched)
        if number in self.waiting:
            assert got.reason is (Reason.NOT_SENT if deadline is None else Reason.AMOUNT)
        elif self.remembered(number):
            assert got.reason is (self.remembered(number) if right_amount else Reason.AMOUNT)
        else:
            assert got.reason is Reason.UNKNOWN

    @rule(passes=st.sampled_from([0.5, 5.0, 30.0, 700.0]))
    def time(self, passes: float) -> None:
        self.now += passes
        over = [n for n, deadline in self.waiting.items() if deadline and deadline <= self.now]
        assert self.table.expire(self.now) == [self.item(number) for number in over]
        for number in over:
            del self.waiting[number]
            self.ended[number] = (self.now, Reason.LATE)

    @rule()
    def lose(self) -> None:
        assert self.table.clear(self.now) == [self.item(number) for number in self.waiting]
        self.ended |= dict.fromkeys(self.waiting, (self.now, Reason.LATE))
        self.waiting.clear()

    @invariant()
    def is_as_full_as_the_model(self) -> None:
        assert len(self.table) == len(self.waiting)


TestInFlightModel = InFlightModel.TestCase
TestInFlightModel.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
