"""Cells as text: for machines (exact, the same in every run) and for people (grouped, localised).

Amounts have the digits of their currency's minor unit; a fraction of money is rounded half up here
and nowhere before. The machine's text is what a report's hash covers.
"""

from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from pointsman.money import Amount, currency, round_half_up
from pointsman.reports.measures import Kind
from pointsman.reports.table import Cell

DASH = "—"
RATIO_DIGITS = 6


def plain(cell: Cell, kind: Kind, code: str, zone: ZoneInfo) -> str:
    """Return a cell for machines; empty where it has no value. `code` is the row's currency."""
    if cell is None:
        return ""
    match cell:
        case datetime():
            return cell.astimezone(zone).isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
        case str():
            return cell
        case _ if kind is Kind.MONEY:
            return decimal(cell, code)
        case Fraction():
            scaled = str(round_half_up(cell * 10**RATIO_DIGITS))
            negative = scaled.startswith("-")
            digits = scaled.lstrip("-").rjust(RATIO_DIGITS + 1, "0")
            return f"{'-' if negative else ''}{digits[:-RATIO_DIGITS]}.{digits[-RATIO_DIGITS:]}"
        case int():
            return str(cell)


def decimal(minor: int | Fraction, code: str) -> str:
    """Return minor units as decimal text of the currency."""
    whole = minor if isinstance(minor, int) else round_half_up(minor)
    return Amount(whole, currency(code)).decimal_text()


def shown(cell: Cell, kind: Kind, code: str, zone: ZoneInfo) -> str:
    """Return a cell for people: thousands in groups, rates in percent, a dash for no value."""
    if cell is None:
        return DASH
    if kind is Kind.RATIO and not isinstance(cell, (str, date)):
        hundredths = round_half_up(Fraction(cell) * 10_000)
        sign = "\N{MINUS SIGN}" if hundredths < 0 else ""
        return f"{sign}{abs(hundredths) // 100:,}.{abs(hundredths) % 100:02d} %"
    text = plain(cell, kind, code, zone)
    if kind in (Kind.MONEY, Kind.COUNT):
        sign = "\N{MINUS SIGN}" if text.startswith("-") else ""
        whole, dot, rest = text.lstrip("-").partition(".")
        return f"{sign}{int(whole):,}{dot}{rest}"
    return text.removesuffix("+00:00") if kind is Kind.MOMENT else text
