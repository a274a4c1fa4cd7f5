"""Fields become meaning: which request this is, for how much, whose card, what it refers to.

The only place that knows that fields 4 and 49 make an amount, that 60.2 is the batch and 59 A3 a
payment code (terminal-protocol 3, 4, 9, 10). Reads values, keeps nothing; a message that lacks or
contradicts something becomes a refusal that names the field.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from pointsman.store.records import RequestKey
from pointsman.store.verbs import BatchTotals, SideTotals, UploadItem
from pointsman.switch import downloads, entry, hosts, orders
from pointsman.switch.flows import WALLET_TYPES, Order, find
from pointsman.switch.flows import request_mti as first_mti
from pointsman.switch.network import END_CODES, SIGN_IN_CODES, UPLOAD_CODES, Network
from pointsman.switch.requests import (
    BatchEnd,
    Control,
    Download,
    Echo,
    OrderAsked,
    OriginalReference,
    Payment,
    Refusal,
    Request,
    Reversal,
    Settle,
    SignIn,
    SignOff,
    Upload,
)

UPLOAD_ITEMS_MAX = 8  # 322 digits of field 48 hold a count and eight items
_ITEM_DIGITS = 40
_SIDE_DIGITS = 31
_METHODS = {
    "01": "manual",
    "02": "stripe",
    "80": "stripe",
    "91": "stripe",
    "03": "qr_consumer",
    "04": "qr_consumer",
    "05": "chip",
    "07": "contactless",
    "98": "contactless",
}
_NO_STAN = "000000"
_CHIP_CONDITION = 12  # where 60.5 stands among the digits of field 60
_SHOWN_MODE, _PRESENT = "032", "00"  # fields 22 and 25 of a wallet: by a code, no PIN


def control(text: str | None) -> Control | None:
    """Read field 60 by position up to the length given; None without type and batch."""
    if text is None or len(text) < len("00bbbbbb"):
        return None
    return Control(text[0:2], text[2:8], text[8:11])


def read(mti: str, fields: Mapping[int, str]) -> Request:
    """Give meaning to one decoded message that has fields 41 and 42."""
    parts = control(fields.get(60))
    stan = fields.get(11, "")
    kind = first_mti(mti)
    if kind in ("0800", "0820") and parts is not None:
        managed = _management(kind, parts, stan, fields)
        if managed is not None:
            return managed
    if parts is None:
        return Refusal("30", 60, "missing or shorter than type and batch")
    if not stan or stan == _NO_STAN:
        return Refusal("30", 11, "missing or zero")
    key = RequestKey(fields[42].rstrip(" "), fields[41].rstrip(" "), parts.batch, stan)
    match kind:
        case _ if kind in WALLET_TYPES:
            return _wallet(mti, key, parts, fields)
        case "0500" if parts.network == Network.SETTLE:
            return _settle(parts, fields)
        case "0320" if parts.network in END_CODES:
            return _end(parts, fields)
        case "0320" if parts.network in UPLOAD_CODES or fields.get(3):
            return _upload(parts, key, fields)
        case "0400":
            return _reversal(key, fields)
        case "0100" | "0200" | "0220":
            return _payment(mti, key, parts, fields)
        case "0620" if parts.network == Network.SCRIPT_RESULT:
            return _payment(mti, key, parts, fields)
        case _:
            return Refusal("40", None, "message type not supported")


def _management(kind: str, parts: Control, stan: str, fields: Mapping[int, str]) -> Request | None:
    """Read what moves no money and carries no MAC; None where nothing is known by that code."""
    code = parts.network
    if kind == "0800" and code in SIGN_IN_CODES:
        return SignIn(code) if stan else Refusal("30", 11, "missing")
    if kind == "0820" and code == Network.SIGN_OFF:
        return SignOff()
    if (kind, code) in (("0820", Network.ECHO), ("0800", Network.POINTS_CASHIER)):
        return Echo()  # who sells for points is the terminal's own affair: nothing is kept of it
    if code in downloads.CODES:
        return Download(code, bytes.fromhex(fields.get(62, "")))
    return None


def _wallet(mti: str, key: RequestKey, parts: Control, fields: Mapping[int, str]) -> Request:
    """Read a wallet's message: 22 and 25 are implied, 62 is a code, 61 the number of an order."""
    flow = find(mti, fields.get(3, ""), "00", parts.type_code)
    if flow is None:
        return Refusal("40", 3, "transaction type not supported")
    for number in flow.required:
        if number not in fields:
            return Refusal("30", number, "missing")
    reference = ""
    if 61 in flow.required:
        reference = orders.reference_of(bytes.fromhex(fields[61]).decode("latin-1"))
        if not reference:
            return Refusal("30", 61, "not the number of an order")
    if flow.order in (Order.ASKS, Order.CLOSES):
        return OrderAsked(flow, reference)
    meant = dict(fields) | {22: _SHOWN_MODE, 25: _PRESENT}
    if flow.needs_card:
        code = bytes.fromhex(fields[62]).decode("latin-1")
        meant[59] = hosts.tagged("A3", code).encode("latin-1").hex()
    read = _payment(mti, key, parts, meant)
    if not isinstance(read, Payment):
        return read
    if reference:
        return replace(read, original=OriginalReference("", "", "", reference, ""))
    method = "qr_merchant" if flow.order is Order.OPENS else read.method
    return replace(read, method=method, original=None)


def _reversal(key: RequestKey, fields: Mapping[int, str]) -> Request:
    for number in (3, 4, 25, 39):
        if number not in fields:
            return Refusal("30", number, "missing")
    return Reversal(key, int(fields[4]), fields[39])


def _settle(parts: Control, fields: Mapping[int, str]) -> Request:
    text = fields.get(48, "")
    if len(text) != 2 * _SIDE_DIGITS:
        return Refusal("30", 48, "not two blocks of 31 digits")
    claimed = BatchTotals(_side(text[:_SIDE_DIGITS]), _side(text[_SIDE_DIGITS:]))
    return Settle(parts.batch, claimed)


def _side(text: str) -> SideTotals:
    return SideTotals(
        debit_minor=int(text[0:12]),
        debit_count=int(text[12:15]),
        credit_minor=int(text[15:27]),
        credit_count=int(text[27:30]),
    )


def _upload(parts: Control, key: RequestKey, fields: Mapping[int, str]) -> Request:
    if fields.get(3) or parts.network != Network.UPLOAD:
        # An advice, refund or chip certificate sent again as 0320: one item of its own.
        last4 = fields.get(2, "")[-4:]
        item = UploadItem(key.stan, int(fields.get(4, "0")), foreign=False, last4=last4)
        return Upload(parts.batch, (item,), 1)
    text = fields.get(48, "")
    count = int(text[:2]) if len(text) >= len("nn") else 0
    if not 1 <= count <= UPLOAD_ITEMS_MAX or len(text) < 2 + count * _ITEM_DIGITS:
        return Refusal("30", 48, "count and items do not agree")
    items = []
    for start in range(2, 2 + count * _ITEM_DIGITS, _ITEM_DIGITS):
        piece = text[start : start + _ITEM_DIGITS]
        items.append(
            UploadItem(
                stan=piece[2:8],
                amount_minor=int(piece[28:40]),
                foreign=piece[0:2] == "01",
                last4=piece[24:28],
            )
        )
    return Upload(parts.batch, tuple(items), count)


def _end(parts: Control, fields: Mapping[int, str]) -> Request:
    text = fields.get(48, "")
    if not text:
        return Refusal("30", 48, "missing")
    return BatchEnd(parts.batch, int(text))


def _payment(mti: str, key: RequestKey, parts: Control, fields: Mapping[int, str]) -> Request:
    flow = find(mti, fields.get(3, ""), fields.get(25, ""), parts.type_code)
    if flow is None:
        if not {3, 25} <= fields.keys():
            return Refusal("30", 3, "processing code or condition missing")
        return Refusal("40", 3, "transaction type not supported")
    mode = fields.get(22, "")
    card, card_refusal = entry.card(flow, mode, fields)
    tags = entry.tags(fields.get(55, ""))
    private = entry.private_59(fields.get(59, ""))
    refusal = (
        entry.missing(flow, fields)
        or entry.tip_refusal(flow, fields)
        # What has happened already says how the PIN was entered, and carries none.
        or (None if flow.told_first else entry.pin_refusal(mode, fields))
        or entry.chip_refusal(flow, mode, fields, tags)
        or card_refusal
    )
    return Payment(
        flow=flow,
        key=key,
        mti=first_mti(mti),
        processing_code=fields.get(3, ""),
        amount_minor=int(fields.get(4, "0")),
        currency=fields.get(49, ""),
        method=_METHODS.get(mode[:2], "other"),
        entry_mode=mode,
        condition=fields.get(25, ""),
        control=parts,
        card=card,
        card_sequence=fields.get(23, ""),
        pin_block=fields.get(52, ""),
        pin_format=0,
        chip=fields.get(55, ""),
        chip_doubt=entry.chip_doubt(fields, tags or {}),
        cryptogram="" if tags is None else tags.get("9F36", "") + tags.get("9F26", ""),
        original=_original(fields),
        auth_code=fields.get(38, ""),
        voucher=private.get("A4", ""),
        invoice=private.get(entry.INVOICE_TAG, ""),
        chip_failed=fields.get(60, "")[_CHIP_CONDITION : _CHIP_CONDITION + 1] == "2",
        refusal=refusal,
    )


def _original(fields: Mapping[int, str]) -> OriginalReference | None:
    text = fields.get(61, "")
    if len(text) < len("bbbbbbssssss"):
        return None
    return OriginalReference(
        batch=text[0:6],
        stan=text[6:12],
        date=text[12:16],
        rrn=fields.get(37, ""),
        auth_code=fields.get(38, ""),
    )
