"""The transaction types that a simulated terminal knows: messages, totals, and what follows what.

Values only, from the terminal's side (terminal-protocol 4, 8, 9) and on purpose not shared with
the switch: two readings of one page must agree. How fields are filled is pos_messages.py, what is
remembered device.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pointsman.sim.terminal_rows import Kind


class Count(StrEnum):
    """How an approved request counts in the terminal's totals."""

    DEBIT = "debit"
    CREDIT = "credit"
    NOTHING = "nothing"


class Mark(StrEnum):
    """What an approved follow-up does to what it follows, in the terminal's memory."""

    NONE = "none"
    VOIDS = "voids"
    REFUNDS = "refunds"
    COMPLETES = "completes"
    EXTENDS = "extends"
    REPLACES = "replaces"


@dataclass(frozen=True, slots=True)
class Type:
    """One row: message, field 3, 25 and 60.1; ``resent``: never reversed, sent again (8.7)."""

    mti: str
    processing_code: str
    condition: str
    type_code: str
    count: Count = Count.NOTHING
    mark: Mark = Mark.NONE
    resent: bool = False
    by_card: bool = False  # the original is named by approval code and date alone (8.4)
    network: str = "000"  # 60.3
    silent_ok: bool = False  # an inquiry: nothing is owed when no answer comes
    ordered: bool = False  # its answer is an order's number; approved once a customer has paid

    @property
    def wallet(self) -> bool:
        """Whether it is one of the wallets' types, which have a dialect of their own."""
        return self.mti.startswith("10")


_D, _C = Count.DEBIT, Count.CREDIT
TYPES: Final[Mapping[Kind, Type]] = MappingProxyType(
    {
        Kind.SALE: Type("0200", "000000", "00", "22", _D),
        Kind.CASH: Type("0200", "010000", "00", "22", _D),
        Kind.VOID: Type("0200", "200000", "00", "23", mark=Mark.VOIDS),
        Kind.REFUND: Type("0220", "200000", "00", "25", _C, Mark.REFUNDS, resent=True),
        Kind.REFUND_REQUEST: Type("0200", "200000", "00", "25", _C, Mark.REFUNDS),
        Kind.BALANCE: Type("0200", "310000", "00", "01", silent_ok=True),
        Kind.PREAUTH: Type("0100", "030000", "06", "10"),
        Kind.PREAUTH_MORE: Type("0100", "030000", "60", "10", mark=Mark.EXTENDS, by_card=True),
        Kind.PREAUTH_CANCEL: Type("0100", "200000", "06", "11", mark=Mark.VOIDS, by_card=True),
        Kind.COMPLETION: Type("0200", "000000", "06", "20", _D, Mark.COMPLETES, by_card=True),
        Kind.COMPLETION_ADVICE: Type(
            "0220", "000000", "06", "24", _D, Mark.COMPLETES, resent=True, by_card=True
        ),
        Kind.COMPLETION_CANCEL: Type("0200", "200000", "06", "21", mark=Mark.VOIDS),
        Kind.OFFLINE: Type("0220", "000000", "00", "30", _D, resent=True),
        Kind.ADJUST: Type("0220", "000000", "00", "32", mark=Mark.REPLACES, resent=True),
        Kind.TIP: Type("0220", "000000", "00", "34", mark=Mark.REPLACES, resent=True),
        Kind.ECASH: Type("0200", "000000", "00", "36", _D, resent=True),
        Kind.INSTALMENT: Type("0200", "000000", "64", "22", _D),
        Kind.INSTALMENT_VOID: Type("0200", "200000", "64", "23", mark=Mark.VOIDS),
        Kind.POINTS: Type("0200", "000000", "65", "22"),
        Kind.POINTS_VOID: Type("0200", "200000", "65", "23", mark=Mark.VOIDS),
        Kind.POINTS_BALANCE: Type("0200", "310000", "65", "03", silent_ok=True),
        Kind.SCRIPT_RESULT: Type("0620", "000000", "00", "00", resent=True, network="951"),
        Kind.WALLET_ORDER: Type("1000", "000000", "00", "22", _D, resent=True, ordered=True),
        Kind.WALLET_PAY: Type("1002", "000000", "00", "22", _D),
        Kind.WALLET_REFUND: Type("1008", "200000", "00", "25", _C, Mark.REFUNDS, resent=True),
    }
)
