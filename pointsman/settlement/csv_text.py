"""CSV text as the settlement files use it: RFC 4180, UTF-8, safe to open in a spreadsheet.

Rows of text in, bytes out. What the columns mean is in files.py.
"""

from collections.abc import Iterable, Sequence

_QUOTED = frozenset(',"\r\n')
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Figure(str):
    """A number as decimal text: it may begin with a minus sign and is never guarded."""

    __slots__ = ()


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV with CRLF at each end of line.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, unless it is a
    `Figure`.
    """
    return "".join(",".join(map(_cell, row)) + "\r\n" for row in rows).encode()


def _cell(text: str) -> str:
    if not isinstance(text, Figure) and text.startswith(_FORMULA):
        text = "'" + text
    if _QUOTED.isdisjoint(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'
