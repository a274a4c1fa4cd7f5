"""The table of transaction types: what the switch does is said here, row by row.

A row says by which message it is known (MTI class, fields 3 and 25, 60.1), what it does with
money, whether silence is reversed or repeated, and what it refers to (pos-protocol 4). The code
walks the table; what fields mean is said in requests.py, what happens next in transaction.py.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from pointsman.store.records import Guard


class Money(StrEnum):
    """How an approved transaction counts in the totals of its terminal batch (pos-protocol 9)."""

    DEBIT = "debit"
    DEBIT_MINUS = "debit minus"
    CREDIT = "credit"


class Silence(Enum):
    """What is owed to the acquirer when it did not answer (pos-protocol 8.7)."""

    REVERSE = "reverse"  # an unknown outcome is undone
    REPEAT = "repeat"  # an authorisation in advice clothes: sent on until its result is known


@dataclass(frozen=True, slots=True)
class Flow:
    """One transaction type; `required` are the fields without which it is answered 30."""

    name: str
    mti: str
    processing_code: str
    conditions: frozenset[str]
    type_code: str
    money: Money
    silence: Silence
    guard: Guard | None
    needs_card: bool
    required: tuple[int, ...]

    @property
    def follows(self) -> bool:
        """Whether it refers to an earlier transaction, which must be found first."""
        return self.guard is not None


_ALWAYS = (3, 4, 11, 22, 25, 41, 42, 49, 60)
_PRESENT = frozenset({"00", "08"})  # 08: mail or telephone order

FLOWS = (
    Flow(
        name="sale",
        mti="0200",
        processing_code="000000",
        conditions=_PRESENT,
        type_code="22",
        money=Money.DEBIT,
        silence=Silence.REVERSE,
        guard=None,
        needs_card=True,
        required=_ALWAYS,
    ),
    Flow(
        name="void",
        mti="0200",
        processing_code="200000",
        conditions=_PRESENT,
        type_code="23",
        money=Money.DEBIT_MINUS,
        silence=Silence.REVERSE,
        guard=Guard.VOID,
        needs_card=False,
        required=(*_ALWAYS, 37, 61),
    ),
    Flow(
        name="refund",
        mti="0220",
        processing_code="200000",
        conditions=_PRESENT,
        type_code="25",
        money=Money.CREDIT,
        silence=Silence.REPEAT,
        guard=Guard.REFUND,
        needs_card=False,
        required=(*_ALWAYS, 37, 61, 63),
    ),
)

_BY_MESSAGE = {
    (flow.mti, flow.processing_code, condition, flow.type_code): flow
    for flow in FLOWS
    for condition in flow.conditions
}
FLOW_BY_NAME = {flow.name: flow for flow in FLOWS}


class Network(StrEnum):
    """Field 60.3 of messages that move no money (pos-protocol 4)."""

    SIGN_IN_SINGLE = "001"
    SIGN_OFF = "002"
    SIGN_IN_DOUBLE = "003"
    SIGN_IN_TRACK = "004"
    ECHO = "301"
    SETTLE = "201"
    UPLOAD = "201"
    END_UNBALANCED = "202"
    END_BALANCED = "207"


SIGN_IN_CODES = frozenset({Network.SIGN_IN_SINGLE, Network.SIGN_IN_DOUBLE, Network.SIGN_IN_TRACK})
END_CODES = frozenset({Network.END_UNBALANCED, Network.END_BALANCED})
UPLOAD_CODES = frozenset({"201", "203", "204", "205", "206"})


def request_mti(mti: str) -> str:
    """Return the MTI of the first copy: 0201 is a repeated 0200 (ISO 8583, last digit)."""
    return mti[:3] + "0" if mti[3] == "1" else mti


def answer_mti(mti: str) -> str:
    """Return the MTI of the answer, the same for a repeat: 0200 and 0201 give 0210."""
    return mti[:2] + str(int(mti[2]) + 1) + "0"


def find(mti: str, processing_code: str, condition: str, type_code: str) -> Flow | None:
    """Return the row for these four, or None: such a type is answered 40."""
    return _BY_MESSAGE.get((request_mti(mti), processing_code, condition, type_code))
