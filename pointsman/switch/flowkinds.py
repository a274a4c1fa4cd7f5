"""What a row of the table of types may say: on silence, on its original, on orders, on ceilings.

Values only, and their words. The rows are flows.py; who walks them is transaction.py, reading.py
and newrecord.py.
"""

from dataclasses import dataclass
from enum import Enum, auto

from pointsman.store.records import Guard, Money


class Silence(Enum):
    """What is owed to the acquirer when it did not answer (terminal-protocol 8.7)."""

    REVERSE = auto()  # an unknown outcome is undone
    REPEAT = auto()  # an advice, or an authorisation in advice clothes: sent on until it is known
    FORGET = auto()  # nothing can have moved


class Find(Enum):
    """How the original of a follow-up is found."""

    REQUEST = auto()  # batch and STAN of field 61 at this terminal, else the reference in 37
    HOLD = auto()  # card, approval code and date (61.3) at this merchant (terminal-protocol 8.4)
    ORDER = auto()  # the number of an order (61), which our reference is part of


class Order(Enum):
    """What a type has to do with an order, a code that the merchant shows (section 10.2)."""

    NONE = auto()
    PAYS = auto()  # at once, by a code that the customer shows; its number is for refunds
    OPENS = auto()  # approved it is in doubt, until it was paid or is closed
    ASKS = auto()  # whether it was paid
    CLOSES = auto()  # so that it cannot be paid any more


class Ceiling(Enum):
    """Which setting of the site limits the amount of a follow-up, if one does."""

    NONE = auto()
    COMPLETION = auto()  # the acquirer's completion_percent, of what is held
    TIP = auto()  # the merchant's tip_percent, above what was first approved


@dataclass(frozen=True, slots=True)
class Flow:
    """One transaction type.

    `required` are the fields without which it is answered 30. `refers` are the types that it may
    follow, `guard` what it reserves on such an original. One that is `told_first` is journaled and
    answered before the acquirer has it, then sent on as an advice. `host_mti` is what the acquirer
    hears where that is not the terminal's own. `label` is its name in metrics and routing rules.
    Types that ask about an `order` or close it are no payments themselves: orderdesk.py.
    """

    name: str
    label: str
    mti: str
    processing_code: str
    conditions: frozenset[str]
    type_code: str
    money: Money
    silence: Silence
    required: tuple[int, ...]
    needs_card: bool = False
    guard: Guard | None = None
    refers: frozenset[str] = frozenset()
    find: Find = Find.REQUEST
    ceiling: Ceiling = Ceiling.NONE
    told_first: bool = False
    host_mti: str = ""
    order: Order = Order.NONE

    @property
    def follows(self) -> bool:
        """Whether it refers to an earlier transaction, which must be found first."""
        return self.guard is not None

    @property
    def upstream_mti(self) -> str:
        """The MTI of the message to the acquirer."""
        return self.host_mti or self.mti
