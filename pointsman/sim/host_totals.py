"""What a simulated host counts of one settlement date, held against what the switch says of it.

A core over the book (ISO 8583:1987, 0500 and 0520; docs/settlement.md): a second reading of the
page that pointsman/switch/reconciling.py follows. The row goes into the ledger, the answer to the
line.
"""

from collections.abc import Iterator
from typing import Final

from pointsman.codecs.codec import Message
from pointsman.sim.book import COUNTED, Book, Entry
from pointsman.sim.host_messages import key_of
from pointsman.sim.host_rows import HostTotals, Work

IN_BALANCE, DIFFERS = "1", "2"  # field 66
APPROVED, OUT_OF_BALANCE = "00", "95"
FIELDS: Final = (*range(74, 90), 97)
ECHOED: Final = (7, 11, 15, 32, 50, 99)
_VOIDS: Final = Work.VOID
_DEBITS: Final = frozenset(work for work, sign in COUNTED.items() if sign > 0)


def totals(book: Book, date: str, currency: str) -> dict[int, str]:
    """Return fields 74 to 89 and 97 for a settlement date (MMDD) and a currency."""
    counts = dict.fromkeys((74, 76, 77, 80, 81), 0)
    sums = dict.fromkeys((86, 88, 89), 0)
    for entry in _standing(book, date, currency):
        work, minor = entry.row.work, entry.amount_minor
        if work in _DEBITS:
            counts[76], sums[88] = counts[76] + 1, sums[88] + minor
        elif work is _VOIDS:
            counts[77], sums[89] = counts[77] + 1, sums[89] + minor
        elif work is Work.REFUND:
            counts[74], sums[86] = counts[74] + 1, sums[86] + minor
        elif work is Work.INQUIRY:
            counts[80] += 1
        elif work is Work.PREAUTH:
            counts[81] += 1
    fields = {number: f"{counts.get(number, 0):010d}" for number in range(74, 82)}
    fields |= dict.fromkeys(range(82, 86), f"{0:012d}")
    fields |= {number: f"{sums.get(number, 0):016d}" for number in range(86, 90)}
    net = sums[88] - sums[89] - sums[86]
    return fields | {97: f"{'C' if net >= 0 else 'D'}{abs(net):016d}"}


def _standing(book: Book, date: str, currency: str) -> Iterator[Entry]:
    for entry in book.entries.values():
        row = entry.row
        moves = row.work in COUNTED or row.work in {Work.INQUIRY, Work.PREAUTH}
        if entry.live and moves and (row.date, row.currency) == (date, currency):
            yield entry


def judged(book: Book, message: Message, at: str) -> HostTotals:
    """Return the row of a reconciliation: what was said, what we count, and the result (66)."""
    ours = totals(book, message.get(15) or "", message.get(50) or "")
    said = {number: message.get(number) or "" for number in FIELDS}
    same = said == ours
    return HostTotals(
        at=at,
        key=key_of(message),
        mti=message.mti,
        date=message.get(15) or "",
        currency=message.get(50) or "",
        said=tuple(said.items()),
        ours=tuple(ours.items()),
        code=APPROVED if same else OUT_OF_BALANCE,
        result=IN_BALANCE if same else DIFFERS,
    )


def answer_fields(message: Message, row: HostTotals) -> dict[int, str]:
    """Return the answer's fields without MAC; where it differs with our own figures."""
    fields = {n: value for n in ECHOED if (value := message.get(n)) is not None}
    fields |= {39: row.code, 66: row.result}
    if row.result == DIFFERS:
        fields |= dict(row.ours)
    return fields
