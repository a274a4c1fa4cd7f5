"""The table of transaction types: what the switch does is said here, row by row.

A row says by which message it is known (MTI, fields 3 and 25, 60.1), what it does with money,
whether silence is reversed or repeated, whether it is told before the acquirer has it, and what it
may refer to (terminal-protocol 4, 8): words of flowkinds.py. New types are new rows. What fields
mean is reading.py, what happens next transaction.py; messages that move no money are network.py.
"""

from pointsman.store.records import Guard, Money
from pointsman.switch.flowkinds import Ceiling, Find, Flow, Order, Silence

__all__ = [
    "FLOWS",
    "FLOW_BY_NAME",
    "WALLET_TYPES",
    "Ceiling",
    "Find",
    "Flow",
    "Order",
    "Silence",
    "answer_mti",
    "find",
    "request_mti",
]

_INQUIRY = (3, 11, 22, 25, 41, 42, 49, 60)
_ALWAYS = (*_INQUIRY, 4)
_OF_ORIGINAL = (*_ALWAYS, 37, 61)
_OF_HOLD = (*_ALWAYS, 38, 61)
_ADVICE = (*_OF_ORIGINAL, 63)
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
_ONLINE = frozenset({"sale", "cash", "instalment"})

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
        "cash", "sale", "0200", "010000", _PLAIN, "22",
        Money.DEBIT, Silence.REVERSE, _ALWAYS, needs_card=True,
    ),
    Flow(
        "void", "void", "0200", "200000", _PRESENT, "23",
        Money.DEBIT_MINUS, Silence.REVERSE, _OF_ORIGINAL,
        guard=Guard.VOID, refers=frozenset({"sale", "cash", "offline"}),
    ),
    Flow(
        "refund", "refund", "0220", "200000", _PRESENT, "25",
        Money.CREDIT, Silence.REPEAT, (*_OF_ORIGINAL, 63),
        guard=Guard.REFUND, refers=_ONLINE | _OFFLINE | _COMPLETIONS,
    ),
    Flow(
        "refund-request", "refund", "0200", "200000", _PRESENT, "25",
        Money.CREDIT, Silence.REVERSE, _OF_ORIGINAL,
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
        Money.REPLACES, Silence.REPEAT, (*_ADVICE, 48),
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
        order=Order.PAYS,
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
