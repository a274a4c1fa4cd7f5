"""CSV text: an independent reader gets the cells back, and a spreadsheet no formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.settlement.csv_text import Figure, csv_bytes

_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(_CELLS.map(Figure), min_size=2, max_size=4), max_size=5))
def test_reader_gets_back_what_was_written(rows: list[list[str]]) -> None:
    text = csv_bytes(rows).decode("utf-8")
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == rows


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=1,2"])
def test_cell_that_looks_like_a_formula_is_guarded(text: str) -> None:
    ((cell, _),) = csv.reader(io.StringIO(csv_bytes([[text, ""]]).decode(), newline=""))
    assert cell == "'" + text


def test_figure_keeps_its_sign() -> None:
    assert csv_bytes([[Figure("-12.50"), "a b", 'say "x"']]) == b'-12.50,a b,"say ""x"""\r\n'
