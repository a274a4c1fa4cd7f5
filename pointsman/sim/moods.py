"""How a simulated host behaves on the line once it knows its answer: promptly, or not.

A behaviour follows from the last two digits of the amount, so that a test chooses it, or from
moods: chances that hold for everything. A mood is text such as ``silent:0.01,delay:0.05``. Doing it
(waiting, closing) is in acquirer.py; what the answer says is in issuer.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

DRAW_SIDES: Final = 1_000_000  # a chance is compared with a draw below this


class Behaviour(StrEnum):
    """What happens to the answer; the request is carried out except where LOST says no."""

    ANSWER = "answer"
    SILENT = "silent"  # carried out, never answered
    LOST = "lost"  # neither carried out nor answered: the request never arrived
    DELAY = "delay"  # answered after the delay, past the other side's timer
    LATE = "late"  # answered only after the reversal has come
    DROP = "drop"  # carried out, then the line is closed
    TWICE = "twice"  # answered two times
    BAD_MAC = "bad-mac"  # answered with a MAC that does not verify
    OTHER_AMOUNT = "other-amount"  # answered with one minor unit more
    CONFIRM = "confirm"  # a code: 09, and approved at the second question about it
    UNCONFIRMED = "unconfirmed"  # a code: 09, and again
    DECLINE = "decline"  # 05, whatever the table says
    REVERSAL_SILENT = "reversal-silent"  # a reversal is carried out and not answered
    REVERSAL_LOST = "reversal-lost"  # a reversal never arrived


CONFIRMING: Final = frozenset({Behaviour.CONFIRM, Behaviour.UNCONFIRMED})
REVERSAL_ONLY: Final = frozenset({Behaviour.REVERSAL_SILENT, Behaviour.REVERSAL_LOST})
BY_AMOUNT: Final[Mapping[int, Behaviour]] = MappingProxyType(
    {
        87: Behaviour.UNCONFIRMED,
        88: Behaviour.CONFIRM,
        89: Behaviour.OTHER_AMOUNT,
        90: Behaviour.BAD_MAC,
        93: Behaviour.LOST,
        94: Behaviour.LATE,
        95: Behaviour.TWICE,
        96: Behaviour.DROP,
        97: Behaviour.DELAY,
        98: Behaviour.SILENT,
    }
)
"""Last two digits of the amount in minor units, and the behaviour they bring."""


class MoodError(ValueError):
    """A mood that cannot be read; the text says which part."""


@dataclass(frozen=True, slots=True)
class Moods:
    """Chances of behaviours; together at most 1 for requests, and at most 1 for reversals."""

    chances: tuple[tuple[Behaviour, Fraction], ...] = ()

    def request(self, amount_minor: int, *, repeat: bool, draw: int) -> Behaviour:
        """Return the behaviour for a request; ``draw`` is evenly spread below `DRAW_SIDES`.

        The amount comes first; a repeat of an advice is not bound by the amount, so that it is
        answered at last.
        """
        if not repeat and amount_minor % 100 in BY_AMOUNT:
            return BY_AMOUNT[amount_minor % 100]
        return self._pick(draw, of_reversal=False)

    def reversal(self, draw: int) -> Behaviour:
        """Return the behaviour for a reversal."""
        return self._pick(draw, of_reversal=True)

    def _pick(self, draw: int, *, of_reversal: bool) -> Behaviour:
        edge = Fraction(0)
        for behaviour, chance in self.chances:
            if (behaviour in REVERSAL_ONLY) is of_reversal:
                edge += chance
                if draw < edge * DRAW_SIDES:
                    return behaviour
        return Behaviour.ANSWER


def parse_moods(text: str) -> Moods:
    """Read ``silent:0.01,delay:0.05``; the empty text and ``none`` mean none; raises MoodError."""
    chances: dict[Behaviour, Fraction] = {}
    for part in text.split(",") if text.strip() not in {"", "none"} else ():
        name, _, chance = part.strip().partition(":")
        try:
            behaviour = Behaviour(name)
            share = Fraction(chance)
        except (ValueError, ZeroDivisionError):
            names = ", ".join(Behaviour)
            raise MoodError(f"{part.strip()!r} is not NAME:CHANCE; names are {names}") from None
        if not 0 <= share <= 1:
            raise MoodError(f"the chance of {name} is not between 0 and 1")
        chances[behaviour] = share
    moods = Moods(tuple(chances.items()))
    for of_reversal in (False, True):
        together = sum(c for b, c in moods.chances if (b in REVERSAL_ONLY) is of_reversal)
        if together > 1:
            raise MoodError("the chances are more than 1 together")
    return moods
