"""Cells as text: exact for machines, grouped for people."""

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.reports.measures import Kind
from pointsman.reports.table import Cell
from pointsman.reports.text import plain, shown

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("cell", "kind", "code", "machine", "person"),
    [
        (None, Kind.MONEY, "CNY", "", "—"),
        (-123_456, Kind.MONEY, "CNY", "-1234.56", "\N{MINUS SIGN}1,234.56"),
        (1250, Kind.MONEY, "JPY", "1250", "1,250"),
        (1250, Kind.MONEY, "KWD", "1.250", "1.250"),
        (Fraction(642_849, 6), Kind.MONEY, "CNY", "1071.42", "1,071.42"),
        (Fraction(6, 7), Kind.RATIO, "CNY", "0.857143", "85.71 %"),
        (Fraction(-1, 2), Kind.RATIO, "CNY", "-0.500000", "\N{MINUS SIGN}50.00 %"),
        (12_345, Kind.COUNT, "CNY", "12345", "12,345"),
        ("000042", Kind.CODE, "CNY", "000042", "000042"),
    ],
)
def test_a_cell_for_machines_and_for_people(
    cell: Cell, kind: Kind, code: str, machine: str, person: str
) -> None:
    assert plain(cell, kind, code, ZONE) == machine
    assert shown(cell, kind, code, ZONE) == person


def test_moments_are_told_in_the_zone_of_the_report() -> None:
    at = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert plain(at, Kind.MOMENT, "", ZONE) == "2026-11-23 00:00:00+08:00"
    assert plain(at.date(), Kind.DATE, "", ZONE) == "2026-11-22"


@given(st.integers(-(10**15), 10**15))
def test_no_amount_is_rounded_or_cut(minor: int) -> None:
    assert int(plain(minor, Kind.MONEY, "CNY", ZONE).replace(".", "")) == minor
    digits = shown(minor, Kind.MONEY, "CNY", ZONE).translate({0x2C: None, 0x2E: None, 0x2212: "-"})
    assert int(digits) == minor
