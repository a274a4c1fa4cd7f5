"""Rows of terminals' ledgers: written as JSON, told apart by their kind, read again."""

import msgspec
import pytest

from pointsman.sim.terminal_rows import (
    TERMINAL_ROWS,
    Repeated,
    SignedIn,
    Started,
    TerminalRow,
    UndoDue,
    UndoTried,
)
from tests.sim.test_audit import AT, BATCH, MID, REFUND, SALE, TID, settled


@pytest.mark.parametrize(
    "row",
    [
        SALE.asked(),
        REFUND.asked(),
        SALE.told(),
        UndoDue(AT, MID, TID, BATCH, "000001", "98"),
        UndoTried(AT, MID, TID, BATCH, "000001", 1, "00", True),
        Repeated(AT, MID, TID, BATCH, "000001", "00", True),
        SignedIn(AT, MID, TID, BATCH, "00"),
        settled(),
        Started(AT, MID, TID),
    ],
)
def test_rows_come_back_as_they_were(row: TerminalRow) -> None:
    assert TERMINAL_ROWS.decode(msgspec.json.encode(row)) == row


def test_a_row_of_another_kind_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        TERMINAL_ROWS.decode(b'{"kind":"reversal","at":""}')
