"""The international dialect (TPDU alone, NII in field 24) as the terminals' own, and back.

A core. Its messages have no type code, batch, currency or MAC: the type follows from MTI and the
first two digits of field 3, the batch and the currency are those of the terminal and its merchant
(terminal-protocol 13). Who proves them is niidesk.py; from there on they are messages like others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pointsman.codecs.content import is_digits
from pointsman.store.verbs import BatchTotals
from pointsman.switch.entry import INVOICE_TAG
from pointsman.switch.flows import answer_mti
from pointsman.switch.flows import request_mti as first_mti
from pointsman.switch.hosts import tagged
from pointsman.switch.requests import Refusal

SETTLE, TRAILER = "920000", "960000"  # field 3 of an 0500
SIGN_ON, TEST = "920000", "990000"  # field 3 of an 0800
NEEDS_UPLOAD: Final = "95"
WRONG_BATCH: Final = "77"
NO_ANSWER: Final = "98"
_HELD: Final = "06"
_BY_POST: Final = "08"
_ECHOED: Final = (3, 4, 11, 24, 41)
_TOLD: Final = (4, 12, 13, 37, 38, 39, 54, 55)
_COPIED: Final = (2, 4, 11, 14, 23, 35, 37, 38, 41, 42, 55)
_COUNT_MAX: Final = 999  # of three digits; the most stands for all above
_TIP_SIZE: Final = 12
_TOTALS_SIZE: Final = 30  # of field 63: count 3 and amount 12 of sales, the same of refunds
_ORIGINAL_STAN: Final = slice(4, 10)  # in field 60 of an upload, behind the original's type
_RESULTS_AT: Final = (30, 61)  # in field 48 of an answered settlement


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message of this dialect is in the terminals' own: MTI, fields 3 and 25, 60.1."""

    mti: str
    processing_code: str
    condition: str
    type_code: str
    follows: bool = False


# By MTI and the first two digits of field 3; the third is the account.
_KINDS: Final[Mapping[tuple[str, str], Kind]] = {
    ("0200", "00"): Kind("0200", "000000", "00", "22"),
    ("0200", "01"): Kind("0200", "010000", "00", "22"),
    ("0200", "02"): Kind("0200", "200000", "00", "23", follows=True),
    ("0200", "20"): Kind("0200", "200000", "00", "25", follows=True),
    ("0100", "31"): Kind("0200", "310000", "00", "01"),
    ("0100", "30"): Kind("0100", "030000", _HELD, "10"),
    ("0100", "00"): Kind("0100", "030000", _HELD, "10"),
    ("0220", "00"): Kind("0220", "000000", "00", "30"),
    ("0220", "02"): Kind("0220", "000000", "00", "34", follows=True),
}
_VOID_OF_REFUND: Final = ("0200", "22")  # it is undone like a request that went wrong
_CUSTOMER: Final = "17"  # field 39 of a reversal: cancelled by a person
_BY_INVOICE: Final = frozenset({"23", "34"})  # 60.1 of a void and of a tip
_UNKNOWN_RRN: Final = "0" * 12
_PIN: Final[Mapping[int, str]] = {26: "12", 53: "2600000000000000"}  # format 0, two-key TDES
_PREAUTH: Final = Kind("0100", "030000", _HELD, "10")


@dataclass(frozen=True, slots=True)
class Totals:
    """Field 63 of a settlement: counts, and amounts in minor units."""

    sales: int
    sales_minor: int
    refunds: int
    refunds_minor: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a settlement says of a batch."""

    batch: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Meant:
    """A message in the terminals' own dialect.

    One that `follows` names its original by its RRN or, where it is a void or a tip, by its
    `invoice`: batch and STAN of it are to be filled in (61).
    """

    mti: str
    fields: Mapping[int, str] = field(repr=False)
    follows: bool = False
    has_mac: bool = True
    invoice: str = ""


def meant(
    mti: str, fields: Mapping[int, str], *, batch: str, currency: str, pin: bool = False
) -> Meant | Refusal:
    """Return what a payment, advice, reversal, inquiry or upload means.

    `pin` says that the terminal has a key for PIN blocks (format 0, section 7).
    """
    kind = first_mti(mti)
    code = fields.get(3, "")[:2]
    if 52 in fields and not pin:
        return Refusal("30", 52, "a PIN, and no key for it")
    if kind == "0320":
        return _upload(fields, batch)
    if kind == "0400":
        return _reversal(fields, batch, currency)
    if (kind, code) == _VOID_OF_REFUND:
        undoing = _reversal({**fields, 39: _CUSTOMER}, batch, currency)
        return replace(undoing, follows=True)
    found = _kind(kind, code, fields)
    if found is None:
        return Refusal("40", 3, "transaction type not supported")
    own = {n: fields[n] for n in _COPIED if n in fields} | {
        3: found.processing_code,
        22: _mode(fields),
        25: _BY_POST if fields.get(25) == _BY_POST else found.condition,
        49: currency,
        60: f"{found.type_code}{batch}000",
        63: "000",
    }
    invoice = fields.get(62, "").strip()
    if 52 in fields:
        own |= {**_PIN, **{n: fields[n] for n in (26, 52, 53) if n in fields}}
    if found.follows:
        own[61] = "0" * 16
    elif invoice:
        own[59] = tagged(INVOICE_TAG, invoice).encode("latin-1").hex().upper()
    if found == _KINDS["0220", "02"]:
        own[48] = _tip(fields.get(54, ""))
    if found.type_code not in _BY_INVOICE or not invoice:
        return Meant(found.mti, own, found.follows)
    return Meant(found.mti, {37: _UNKNOWN_RRN} | own, found.follows, invoice=invoice)


def _kind(mti: str, code: str, fields: Mapping[int, str]) -> Kind | None:
    if (mti, code) == ("0200", "00") and fields.get(25) == _HELD:
        return _PREAUTH
    return _KINDS.get((mti, code))


def _tip(text: str) -> str:
    """Return the tip of field 54; where it names none, field 4 alone tells the new total."""
    return text if len(text) == _TIP_SIZE and is_digits(text) else "0" * _TIP_SIZE


def _mode(fields: Mapping[int, str]) -> str:
    """Return field 22; whether a PIN was entered says field 52: here its third digit does not."""
    return fields.get(22, "00")[:2] + ("1" if 52 in fields else "2")


def _reversal(fields: Mapping[int, str], batch: str, currency: str) -> Meant:
    """Return the reversal of the request with this STAN: all that it needs is its key."""
    own = {n: fields[n] for n in (2, 4, 11, 14, 41, 42) if n in fields}
    given = {3: fields.get(3, "000000"), 22: _mode(fields), 25: "00", 39: fields.get(39, NO_ANSWER)}
    return Meant("0400", own | given | {49: currency, 60: f"22{batch}000"})


def _upload(fields: Mapping[int, str], batch: str) -> Meant | Refusal:
    stan = fields.get(60, "")[_ORIGINAL_STAN]
    if len(stan) < 6 or not is_digits(stan):
        return Refusal("30", 60, "not the original's type and STAN")
    own = {n: fields[n] for n in (2, 4, 41, 42) if n in fields}
    own |= {3: fields.get(3, ""), 11: stan, 60: f"00{batch}203"}
    return Meant("0320", own, has_mac=False)


def totals(fields: Mapping[int, str]) -> Totals | None:
    """Return the totals of a settlement; None where field 63 is none."""
    text = bytes.fromhex(fields.get(63, "")).decode("latin-1")
    if len(text) < _TOTALS_SIZE or not is_digits(text[:_TOTALS_SIZE]):
        return None
    return Totals(int(text[:3]), int(text[3:15]), int(text[15:18]), int(text[18:30]))


def closing(fields: Mapping[int, str]) -> Claim | Meant | Refusal:
    """Return what an 0500 claims of its batch, or its trailer, which ends the batch."""
    batch = fields.get(60, "").strip()
    claimed = totals(fields)
    if claimed is None:
        return Refusal("30", 63, "not counts and amounts")
    if len(batch) != len("bbbbbb") or not is_digits(batch):
        return Refusal("30", 60, "not a batch")
    if fields.get(3) == TRAILER:
        return batch_end(fields, batch, claimed.sales + claimed.refunds)
    if fields.get(3) != SETTLE:
        return Refusal("40", 3, "transaction type not supported")
    return Claim(batch, claimed)


def settlement(fields: Mapping[int, str], batch: str, claimed: str) -> Meant:
    """Return an 0500 with these figures in field 48 (62 digits, results 0)."""
    own = {n: fields[n] for n in (11, 41, 42) if n in fields}
    return Meant("0500", own | {48: claimed, 60: f"00{batch}201"}, has_mac=False)


def batch_end(fields: Mapping[int, str], batch: str, uploaded: int) -> Meant:
    """Return the 0320 that ends a batch after its upload."""
    own = {n: fields[n] for n in (11, 41, 42) if n in fields}
    return Meant("0320", own | {48: f"{uploaded:04d}", 60: f"00{batch}202"}, has_mac=False)


def settled(claimed: str) -> str:
    """Return field 39 for an answered settlement: 00 where both results are 1, else 95."""
    results = {claimed[at : at + 1] for at in _RESULTS_AT}
    if results == {"3"}:
        return WRONG_BATCH
    return "00" if results == {"1"} else NEEDS_UPLOAD


def told(
    mti: str, request: Mapping[int, str], answer: Mapping[int, str]
) -> tuple[str, dict[int, str]]:
    """Return the answer in this dialect: what it echoes, and what the terminal is told."""
    fields = {n: request[n] for n in _ECHOED if n in request}
    fields |= {n: answer[n] for n in _TOLD if n in answer}
    if 39 not in fields:
        fields[39] = settled(answer.get(48, ""))
    return answer_mti(mti), fields


def together(of: BatchTotals) -> tuple[int, int, int, int]:
    """Return amounts and counts of both sides: debit, then credit; a count as it can be told."""
    both = (of.domestic, of.foreign)
    return (
        sum(side.debit_minor for side in both),
        min(sum(side.debit_count for side in both), _COUNT_MAX),
        sum(side.credit_minor for side in both),
        min(sum(side.credit_count for side in both), _COUNT_MAX),
    )


def figures(of: BatchTotals) -> str:
    """Return field 48 of an 0500, results 0."""
    return "".join(
        f"{side.debit_minor:012d}{min(side.debit_count, _COUNT_MAX):03d}"
        f"{side.credit_minor:012d}{min(side.credit_count, _COUNT_MAX):03d}0"
        for side in (of.domestic, of.foreign)
    )
