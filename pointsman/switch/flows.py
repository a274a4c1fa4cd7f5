"""The table of transaction types: what the switch does is said here, row by row.

A row says by which message it is known (MTI, fields 3 and 25, 60.1), what it does with money,
whether silence is reversed or repeated, whether it is told before the acquirer has it, and what it
may refer to (terminal-protocol 4, 8). New types are new rows. What fields
mean is reading.py, what happens next transaction.py; messages that move no money are network.py.
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


_INQUIRY = (3, 11, 22, 25, 41, 42, 49, 60)
_ALWAYS = (*_INQUIRY, 4)
_OF_ORIGINAL = (*_ALWAYS, 37, 61)
_OF_HOLD = (*_ALWAYS, 38, 61)
_ADVICE = (*_ALWAYS, 61, 63)
_WALLET = (3, 4, 11, 41, 42, 49, 60)
_OF_ORDER = (3, 11, 41, 42, 60, 61)
# Field 25. 08 and 18: by mail or telephone; 06: pre-authorised; 64: in instalments; 65: points.
_PRESENT = frozenset({"00", "08"})
_HELD = frozenset({"06", "18"})
_MORE_HELD = frozenset({"60"})
_PLAIN = frozenset({"00"})
_INSTALMENTS = frozenset({"64"})
_POINTS = frozenset({"65"})

_OF_ANY = frozenset({""})  # fields 3 and 25 are those of the original

_HOLDS = frozenset({"preauth"})
_COMPLETIONS = frozenset({"completion", "completion-advice"})
_OFFLINE = frozenset({"offline", "ecash"})
_ONLINE = frozenset({"sale", "instalment"})

FLOWS = (
    Flow(
        "balance", "balance", "0200", "310000", _PLAIN, "01",
        Money.NONE, Silence.FORGET, _INQUIRY, needs_card=True,
    ),
    Flow(
        "sale", "sale", "0200", "000000", _PRESENT, "22",
        Money.DEBIT, Silence.REVERSE, _ALWAYS, needs_card=True,
    ),
    Flow(
        "void", "void", "0200", "200000", _PRESENT, "23",
        Money.DEBIT_MINUS, Silence.REVERSE, _OF_ORIGINAL,
        guard=Guard.VOID, refers=frozenset({"sale", "offline"}),
    ),
    Flow(
        "refund", "refund", "0220", "200000", _PRESENT, "25",
        Money.CREDIT, Silence.REPEAT, (*_OF_ORIGINAL, 63),
        guard=Guard.REFUND, refers=_ONLINE | _OFFLINE | _COMPLETIONS,
    ),
    # ------------------------------------------------------------ held first, completed later
    Flow(
        "preauth", "preauth", "0100", "030000", _HELD, "10",
        Money.HOLD, Silence.REVERSE, _ALWAYS, needs_card=True,
    ),
    Flow(
        "preauth-more", "preauth", "0100", "030000", _MORE_HELD, "10",
        Money.HOLD, Silence.REVERSE, _OF_HOLD, needs_card=True,
        guard=Guard.EXTEND, refers=_HOLDS, find=Find.HOLD,
    ),
    Flow(
        "preauth-cancel", "void", "0100", "200000", _HELD, "11",
        Money.NONE, Silence.REVERSE, _OF_HOLD, needs_card=True,
        guard=Guard.CANCEL, refers=_HOLDS, find=Find.HOLD,
    ),
    Flow(
        "completion", "completion", "0200", "000000", _HELD, "20",
        Money.DEBIT, Silence.REVERSE, _OF_HOLD, needs_card=True,
        guard=Guard.COMPLETE, refers=_HOLDS, find=Find.HOLD, ceiling=Ceiling.COMPLETION,
    ),
    Flow(
        "completion-advice", "completion", "0220", "000000", _HELD, "24",
        Money.DEBIT, Silence.REPEAT, _OF_HOLD, needs_card=True,
        guard=Guard.COMPLETE, refers=_HOLDS, find=Find.HOLD, ceiling=Ceiling.COMPLETION,
        told_first=True,
    ),
    Flow(
        "completion-cancel", "void", "0200", "200000", _HELD, "21",
        Money.DEBIT_MINUS, Silence.REVERSE, _OF_ORIGINAL,
        guard=Guard.VOID, refers=_COMPLETIONS,
    ),
    # ------------------------------------------------------- approved elsewhere, told afterwards
    Flow(
        "offline", "sale", "0220", "000000", _PRESENT, "30",
        Money.DEBIT, Silence.REPEAT, (*_ALWAYS, 63), needs_card=True, told_first=True,
    ),
    Flow(
        "adjust", "other", "0220", "000000", _PRESENT, "32",
        Money.REPLACES, Silence.REPEAT, _ADVICE,
        guard=Guard.ADJUST, refers=frozenset({"offline"}), told_first=True,
    ),
    Flow(
        "tip", "other", "0220", "000000", _PRESENT, "34",
        Money.REPLACES, Silence.REPEAT, _ADVICE,
        guard=Guard.ADJUST, refers=frozenset({"sale"}), ceiling=Ceiling.TIP, told_first=True,
    ),
    Flow(
        "ecash", "sale", "0200", "000000", _PLAIN, "36",
        Money.DEBIT, Silence.REPEAT, (*_ALWAYS, 55), needs_card=True, told_first=True,
        host_mti="0220",
    ),
    Flow(
        "script-result", "other", "0620", "", _OF_ANY, "00",
        Money.NONE, Silence.REPEAT, (3, 11, 25, 37, 41, 42, 49, 55, 60, 61),
        guard=Guard.NOTE, refers=_ONLINE | _HOLDS | _COMPLETIONS | frozenset({"balance"}),
        told_first=True,
    ),
    # -------------------------------------------------------------------- instalments and points
    Flow(
        "instalment", "sale", "0200", "000000", _INSTALMENTS, "22",
        Money.DEBIT, Silence.REVERSE, (*_ALWAYS, 62), needs_card=True,
    ),
    Flow(
        "instalment-void", "void", "0200", "200000", _INSTALMENTS, "23",
        Money.DEBIT_MINUS, Silence.REVERSE, _OF_ORIGINAL,
        guard=Guard.VOID, refers=frozenset({"instalment"}),
    ),
    Flow(
        "points", "other", "0200", "000000", _POINTS, "22",
        Money.POINTS, Silence.REVERSE, _ALWAYS, needs_card=True,
    ),
    Flow(
        "points-void", "void", "0200", "200000", _POINTS, "23",
        Money.NONE, Silence.REVERSE, _OF_ORIGINAL,
        guard=Guard.VOID, refers=frozenset({"points"}),
    ),
    Flow(
        "points-balance", "balance", "0200", "310000", _POINTS, "03",
        Money.NONE, Silence.FORGET, _INQUIRY, needs_card=True,
    ),
    # ---------------------------------------------- wallets: types of their own, 22 and 25 implied
    Flow(
        "wallet-order", "sale", "1000", "000000", _PLAIN, "22",
        Money.DEBIT, Silence.REPEAT, _WALLET, host_mti="0100", order=Order.OPENS,
    ),
    Flow(
        "wallet-pay", "sale", "1002", "000000", _PLAIN, "22",
        Money.DEBIT, Silence.REVERSE, (*_WALLET, 62), needs_card=True, host_mti="0200",
    ),
    Flow(
        "wallet-query", "other", "1004", "000000", _PLAIN, "22",
        Money.NONE, Silence.FORGET, _OF_ORDER, host_mti="0200", order=Order.ASKS,
    ),
    Flow(
        "wallet-close", "void", "1006", "200000", _PLAIN, "23",
        Money.NONE, Silence.FORGET, _OF_ORDER, host_mti="0420", order=Order.CLOSES,
    ),
    Flow(
        "wallet-refund", "refund", "1008", "200000", _PLAIN, "25",
        Money.CREDIT, Silence.REPEAT, (*_WALLET, 61), host_mti="0220",
        guard=Guard.REFUND, refers=frozenset({"wallet-order", "wallet-pay"}), find=Find.ORDER,
    ),
)  # fmt: skip

_BY_MESSAGE = {
    (flow.mti, flow.processing_code, condition, flow.type_code): flow
    for flow in FLOWS
    for condition in flow.conditions
}
assert len(_BY_MESSAGE) == sum(len(flow.conditions) for flow in FLOWS), "two rows for a message"
FLOW_BY_NAME = {flow.name: flow for flow in FLOWS}
WALLET_TYPES = frozenset(flow.mti for flow in FLOWS if flow.mti.startswith("10"))


def request_mti(mti: str) -> str:
    """Return the MTI of the first copy: 0201 is a repeated 0200 (ISO 8583, last digit)."""
    return mti[:3] + "0" if mti[3] == "1" else mti


def answer_mti(mti: str) -> str:
    """Return the MTI of the answer, the same for a repeat: 0200 and 0201 give 0210, 1002 1012."""
    if mti in WALLET_TYPES:
        return f"{mti[:2]}1{mti[3]}"
    return mti[:2] + str(int(mti[2]) + 1) + "0"


def find(mti: str, processing_code: str, condition: str, type_code: str) -> Flow | None:
    """Return the row for these four, or None: such a type is answered 40."""
    first = request_mti(mti)
    return _BY_MESSAGE.get((first, processing_code, condition, type_code)) or _BY_MESSAGE.get(
        (first, "", "", type_code)
    )
