"""The identity line of a settlement day: what its postings are made of, and that it adds up.

A core over the day as the API tells it (days.py). Opening, fees, disputes, reserve, payout and
closing come with a later room: they are told as none, with the reason, never as 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pointsman.console.payments import Document, money

PLUS, MINUS, EQUALS, NOTHING = "+", "\N{MINUS SIGN}", "=", ""


@dataclass(frozen=True, slots=True)
class Part:
    """One place on the line; `sum` is None where a later room will say it."""

    op: str
    words: str
    sum: Document | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The line of one currency. `difference` is what it does not add up by."""

    currency: str
    parts: tuple[Part, ...]
    net: Document
    difference: Document

    @property
    def adds_up(self) -> bool:
        """Whether sales less voids, refunds and reversals are the day's net."""
        return bool(self.difference["amount"] == 0)


_GROUPS: Final = ("Sales", "Voids", "Refunds", "Reversals")


def lines(day: Document) -> Iterator[Line]:
    """Return the line of each currency that the day posted."""
    for net in day["net"]:
        sums = dict.fromkeys(_GROUPS, 0)
        for merchant in day["merchants"]:
            if merchant["currency"] == net["currency"]:
                for part in merchant["parts"]:
                    sums[_group(part["kind"])] += part["sum"]["amount"]
        code = net["currency"]
        taken = [Part(MINUS, words, money(-sums[words], code)) for words in _GROUPS[1:]]
        later = [Part(MINUS, words) for words in ("Fees", "Disputes", "Reserve")]
        parts = (
            Part(NOTHING, "Opening"),
            Part(PLUS, "Sales", money(sums["Sales"], code)),
            *taken,
            *later,
            Part(EQUALS, "Payout"),
            Part(PLUS, "Closing"),
        )
        difference = money(net["amount"] - sum(sums.values()), code)
        yield Line(net["currency"], parts, net, difference)


def _group(kind: str) -> str:
    """Return the place of a posting's kind; ``undo`` takes one back after it was posted."""
    if kind == "undo":
        return "Reversals"
    if kind.endswith(("void", "-cancel")):
        return "Voids"
    return "Refunds" if "refund" in kind else "Sales"
