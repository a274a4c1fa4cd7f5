"""A question becomes a row: an approval alone carries approval code and voucher."""

import pytest

from pointsman.sim.host_rows import Effect, Outcome, Work
from pointsman.sim.questions import Question, UndoQuestion

QUESTION = Question(
    at="", key="0315021735-000001", mti="0200", work=Work.SALE, processing_code="000000",
    amount_minor=100, currency="156", mid="m", tid="t", rrn="R1", card="c", pin="none",
    code="00", auth="123456", behaviour="answer", voucher="V1",
)  # fmt: skip


@pytest.mark.parametrize("outcome", Outcome)
def test_only_an_approval_carries_its_codes(outcome: Outcome) -> None:
    row = QUESTION.judged(outcome, "00")
    approved = outcome is Outcome.APPROVED
    assert (row.auth, row.voucher) == (("123456", "V1") if approved else ("", ""))
    assert (row.key, row.amount_minor, row.work) == (QUESTION.key, 100, Work.SALE)


def test_a_repeat_says_so_in_its_type() -> None:
    assert not QUESTION.flagged


def test_a_reversal_keeps_the_key_of_its_original() -> None:
    undo = UndoQuestion("", "k", "0420", "o", 100, "m", "t", "R1", "98", "answer")
    row = undo.judged(Effect.UNDONE, "00")
    assert (row.original, row.effect, row.code) == ("o", Effect.UNDONE, "00")
