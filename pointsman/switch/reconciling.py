"""Reconciliation with an acquirer as host messages: our totals go out, its judgement comes back.

A core (ISO 8583:1987, 0500 and 0520; docs/settlement.md). Each transaction counts in one field of
one settlement date. When it is asked and what is kept is reconciler.py; what is counted says
store/reconciliations.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pointsman.store.parties import Acquirer
from pointsman.store.reconciliations import Reconciled, Reconciliation
from pointsman.switch.hosts import HostDraft

COUNT_DIGITS, FEE_DIGITS, AMOUNT_DIGITS = 10, 12, 16
OUT_OF_BALANCE: Final = "95"
TOTALS: Final = (*range(74, 90), 97)
"""Fields that an acquirer may answer with its own figures."""
_IN_BALANCE, _DIFFERS = "1", "2"  # field 66
_TRY_AGAIN: Final = frozenset({"09", "68", "90", "91", "96", "98"})
_COUNTS: Final = range(74, 82)
_FEES: Final = range(82, 86)
_AMOUNTS: Final = range(86, 90)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer ends a reconciliation with; `theirs` are the acquirer's figures, if told."""

    state: Reconciled
    code: str
    theirs: Mapping[str, str]


def message(one: Reconciliation, acquirer: Acquirer) -> HostDraft:
    """Return the message for an attempt; from the second on its type says that it is a repeat.

    Raises ValueError where a sum has more digits than its field: it is not said wrongly.
    """
    repeated = one.attempts > 1
    mti = acquirer.reconciles[:3] + ("1" if repeated else "0")
    ours = one.totals
    values = {74: ours.credit_count, 76: ours.debit_count, 77: ours.void_count}
    values |= {80: ours.inquiry_count, 81: ours.hold_count}
    values |= {86: ours.credit_minor, 88: ours.debit_minor, 89: ours.void_minor}
    fields = {number: _digits(values.get(number, 0), COUNT_DIGITS) for number in _COUNTS}
    fields |= {number: _digits(0, FEE_DIGITS) for number in _FEES}
    fields |= {number: _digits(values.get(number, 0), AMOUNT_DIGITS) for number in _AMOUNTS}
    sign = "C" if ours.net_minor >= 0 else "D"  # C: to be credited to us, who send it
    fields |= {
        7: one.host_time,
        11: one.host_stan,
        15: f"{one.settlement_date:%m%d}",
        32: acquirer.institution,
        50: one.currency,
        97: sign + _digits(abs(ours.net_minor), AMOUNT_DIGITS),
        99: acquirer.institution,
    }
    return HostDraft(mti, fields)


def judge(answer: Mapping[int, str]) -> Judged | None:
    """Return what an answer ends it with, or None where it is to be asked again."""
    code, result = answer.get(39, ""), answer.get(66, "")
    theirs = {str(number): answer[number] for number in TOTALS if number in answer}
    if code in _TRY_AGAIN or not code:
        return None
    if code == OUT_OF_BALANCE or (code == "00" and result == _DIFFERS):
        return Judged(Reconciled.DIFFERS, code, theirs)
    if code == "00" and result in ("", _IN_BALANCE):
        return Judged(Reconciled.BALANCED, code, theirs)
    return Judged(Reconciled.REFUSED, code, theirs)


def _digits(value: int, size: int) -> str:
    text = f"{value:0{size}d}"
    if len(text) > size:
        raise ValueError("a total has more digits than its field")
    return text
