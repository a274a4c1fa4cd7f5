"""Words for the values that people look up most, for the table of ``pointsman decode``.

Only words: the switch decides by its own tables (switch/requests), never by these. A value that is
not listed has no words. Sources are ISO 8583 and the terminal protocol's own code tables.
"""

from typing import Final

RESPONSES: Final = {
    "00": "approved", "01": "refer to issuer", "03": "merchant not valid", "05": "not honoured",
    "06": "error", "10": "approved for a partial amount", "11": "approved, VIP",
    "12": "transaction not valid", "13": "amount not valid", "14": "no such card number",
    "22": "suspected malfunction", "25": "original not found", "30": "format error",
    "40": "function not supported", "41": "lost card", "43": "stolen card", "45": "use the chip",
    "51": "not enough funds", "54": "expired", "55": "PIN wrong", "57": "not allowed for card",
    "58": "not allowed for terminal", "61": "over amount limit", "64": "amount differs",
    "65": "over frequency limit", "68": "issuer answered too late", "75": "PIN tries exceeded",
    "77": "batch number differs", "90": "cut-over", "91": "issuer not reachable",
    "94": "duplicate", "95": "out of balance", "96": "system malfunction",
    "97": "terminal not registered", "98": "no answer", "99": "PIN block wrong", "A0": "MAC wrong",
}  # fmt: skip
TRANSACTIONS: Final = {
    "00": "goods and services", "01": "cash", "02": "void or adjustment", "03": "pre-authorisation",
    "09": "goods with cash back", "20": "refund or void", "22": "void of refund", "30": "inquiry",
    "31": "balance inquiry", "92": "settlement", "94": "certificate upload", "96": "trailer",
}  # fmt: skip
ENTRY_MODES: Final = {
    "00": "entry unknown", "01": "keyed", "02": "stripe", "03": "QR or bar code", "04": "QR",
    "05": "contact chip", "07": "contactless chip", "80": "fall-back stripe", "90": "full stripe",
    "91": "contactless stripe", "92": "phone number", "96": "mobile", "98": "contactless e-cash",
}  # fmt: skip
PIN_MARKS: Final = {"0": "PIN unknown", "1": "PIN entered", "2": "no PIN"}
CONDITIONS: Final = {
    "00": "normal", "06": "pre-authorisation", "08": "mail or telephone", "18": "by post",
    "60": "additional pre-authorisation", "64": "instalment", "65": "points",
}  # fmt: skip
NETWORK: Final = {
    "001": "sign-on", "002": "sign-off", "101": "key change", "161": "key exchange",
    "201": "cut-over", "301": "echo",
}  # fmt: skip
CURRENCIES: Final = {
    "156": "CNY", "344": "HKD", "392": "JPY", "446": "MOP", "484": "MXN", "702": "SGD",
    "826": "GBP", "840": "USD", "978": "EUR", "986": "BRL", "036": "AUD",
}  # fmt: skip
ENTRY_MODE_SIZE: Final = 3
TABLES: Final = {25: CONDITIONS, 39: RESPONSES, 49: CURRENCIES, 50: CURRENCIES, 70: NETWORK}


def meaning_of(number: int, value: str) -> str:
    """Return the words for a field's value, or nothing."""
    if number == 3:  # noqa: PLR2004 - processing code
        return TRANSACTIONS.get(value[:2], "")
    if number == 22 and len(value) == ENTRY_MODE_SIZE:  # noqa: PLR2004 - entry mode
        words = (ENTRY_MODES.get(value[:2], ""), PIN_MARKS.get(value[2], ""))
        return ", ".join(filter(None, words))
    return TABLES.get(number, {}).get(value, "")
