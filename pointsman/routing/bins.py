"""Card ranges: scheme, lengths and check digit rule by the first digits of a card number.

The table is rows (`WORLD`); `BinTable` makes the index that finds the longest prefix. The leading
digits are enough: nothing here is given a whole card number but `luhn_valid`, which keeps nothing.
Payment codes (QR) are in wallets.py; which acquirer takes a scheme is in table.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass

PREFIX_SIZE_MAX = 11
"""ISO/IEC 7812-1 issuers have 8 digits; ranges of local schemes go down to 11."""

_DIGITS = frozenset("0123456789")


class RangeError(ValueError):
    """A row of the table that cannot be: unequal bounds, no digits, or upside down."""


@dataclass(frozen=True, slots=True)
class CardRange:
    """One range as it was matched; `scheme` is 63.1 of an answer (CUP, VIS, MCC, MAE, JCB, AMX).

    `luhn` says whether the last digit of these cards is a check digit (ISO/IEC 7812-1 annex B).
    """

    prefix: str
    scheme: str
    domestic: bool
    luhn: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Cards from `low` to `high` (same number of digits, both within) of these lengths.

    Of two rows with equal prefix and length the one with the higher `version` counts.
    """

    low: str
    high: str
    scheme: str
    lengths: frozenset[int]
    luhn: bool = True
    domestic: bool = False
    version: int = 1


def _lengths(first: int, last: int | None = None) -> frozenset[int]:
    return frozenset(range(first, (last or first) + 1))


# Ranges as the schemes publish them; a country's own old ranges are a matter of the site.
WORLD: tuple[Row, ...] = (
    Row("62", "62", "CUP", _lengths(16, 19), domestic=True),
    Row("81", "81", "CUP", _lengths(16, 19), domestic=True),
    Row("95588", "95588", "CUP", _lengths(16, 19), domestic=True),
    Row("95595", "95599", "CUP", _lengths(16, 19), domestic=True),
    Row("4", "4", "VIS", frozenset({13, 16, 19})),
    Row("51", "55", "MCC", _lengths(16)),
    Row("2221", "2720", "MCC", _lengths(16)),
    Row("5018", "5018", "MAE", _lengths(12, 19)),
    Row("5020", "5020", "MAE", _lengths(12, 19)),
    Row("5038", "5038", "MAE", _lengths(12, 19)),
    Row("6304", "6304", "MAE", _lengths(12, 19)),
    Row("6759", "6759", "MAE", _lengths(12, 19)),
    Row("6761", "6763", "MAE", _lengths(12, 19)),
    Row("3528", "3589", "JCB", _lengths(16, 19)),
    Row("34", "34", "AMX", _lengths(15)),
    Row("37", "37", "AMX", _lengths(15)),
)


class BinTable:
    """An index over rows; build a new one and put it in place of the old to change the table."""

    def __init__(self, rows: Iterable[Row]) -> None:
        newest: dict[tuple[str, int], tuple[int, CardRange]] = {}
        for row in rows:
            for prefix in _prefixes(row):
                found = CardRange(prefix, row.scheme, row.domestic, row.luhn)
                for length in row.lengths:
                    have = newest.get((prefix, length))
                    if have is None or have[0] <= row.version:
                        newest[prefix, length] = (row.version, found)
        self._ranges = {key: found for key, (_, found) in newest.items()}
        sizes = {len(prefix) for prefix, _ in self._ranges}
        self._sizes = tuple(sorted(sizes, reverse=True))

    def find(self, pan_prefix: str, length: int) -> CardRange | None:
        """Return the range with the longest prefix for a card number of this length.

        `pan_prefix` holds the first digits, at most `PREFIX_SIZE_MAX`; more raises, so that no
        whole card number gets into the habit of being passed around.
        """
        if len(pan_prefix) > PREFIX_SIZE_MAX:
            raise RangeError(f"{len(pan_prefix)} digits given, {PREFIX_SIZE_MAX} are enough")
        for size in self._sizes:
            found = self._ranges.get((pan_prefix[:size], length))
            if found is not None:
                return found
        return None


def _prefixes(row: Row) -> Iterable[str]:
    """Every prefix between the bounds, with leading zeros kept."""
    size = len(row.low)
    whole = _DIGITS.issuperset(row.low) and _DIGITS.issuperset(row.high)
    if not whole or size != len(row.high) or not 1 <= size <= PREFIX_SIZE_MAX:
        raise RangeError(f"{row.low}-{row.high}: two bounds of 1 to {PREFIX_SIZE_MAX} digits")
    low, high = int(row.low), int(row.high)
    if low > high:
        raise RangeError(f"{row.low}-{row.high} is upside down")
    return (str(number).rjust(size, "0") for number in range(low, high + 1))


_WORLD = BinTable(WORLD)


def scheme_of(pan_prefix: str, length: int) -> CardRange | None:
    """Return the range of a card by its first digits (at most 11) and length, from `WORLD`."""
    return _WORLD.find(pan_prefix, length)


_DOUBLED = str.maketrans("0123456789", "0246813579")  # twice a digit, its digits added


def luhn_valid(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B).

    False for text with anything but ASCII digits, and for fewer than two of them.
    """
    if len(digits) < 2 or not _DIGITS.issuperset(digits):  # noqa: PLR2004 (a digit and its check)
        return False
    plain = sum(map(int, digits[-1::-2]))
    doubled = sum(map(int, digits[-2::-2].translate(_DOUBLED)))
    return (plain + doubled) % 10 == 0
