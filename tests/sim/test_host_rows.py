"""Rows of acquirers' ledgers: written as JSON, told apart by their kind, read again."""

import msgspec
import pytest

from pointsman.sim.host_rows import HOST_ROWS, HostNetwork, HostRow, HostStarted
from tests.sim.test_audit import SALE, reversal


@pytest.mark.parametrize(
    "row",
    [
        SALE.done(),
        reversal(SALE),
        HostNetwork("", "0315021530-900001", 1, "sign-on", "00"),
        HostStarted("", "alpha", "ascii87-hexbitmap"),
    ],
)
def test_rows_come_back_as_they_were(row: HostRow) -> None:
    assert HOST_ROWS.decode(msgspec.json.encode(row)) == row


def test_a_row_of_another_kind_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        HOST_ROWS.decode(b'{"kind":"answer","at":""}')
