"""Payment codes: whose QR or bar code a customer showed, by its first digits and length.

The longest prefix wins, as in bins.py, and the result is the same `CardRange`, so that table.py
routes a code as it routes a card. A code is no card number: it has no check digit rule.
"""

from pointsman.routing.bins import BinTable, CardRange, Row

UNIONPAY, ALIPAY, WECHAT = "CUP", "ALP", "WXP"

# terminal-protocol 10.2: 18 digits from 10-15 WeChat Pay, 16 to 24 from 25-30 Alipay,
# 19 from 62 UnionPay (its codes are 19 digits whatever the card behind them).
CODES: tuple[Row, ...] = (
    Row("62", "62", UNIONPAY, frozenset({19}), luhn=False, domestic=True),
    Row("25", "30", ALIPAY, frozenset(range(16, 25)), luhn=False, domestic=True),
    Row("10", "15", WECHAT, frozenset({18}), luhn=False, domestic=True),
)

# A code that the merchant shows is UnionPay's: whoever scans it, its acquirer is theirs.
SHOWN_CODE = CardRange("", UNIONPAY, domestic=True, luhn=False)

_CODES = BinTable(CODES)


def wallet_of(code_prefix: str, length: int) -> CardRange | None:
    """Return whose payment code this is by its first digits (at most 11) and its length."""
    return _CODES.find(code_prefix, length)
