"""What a simulated terminal can do, by name: the words of ``--flows``.

Values only. Which request a flow begins with is flows.py; what follows an earlier one,
follow_ups.py.
"""

from enum import StrEnum
from typing import Final


class Flow(StrEnum):
    """Something a terminal does; the values are the words of ``--flows``."""

    SALE_SWIPE = "sale-swipe"
    SALE_CHIP = "sale-chip"
    SALE_CONTACTLESS = "sale-contactless"
    SALE_KEYED = "sale-keyed"
    SALE_FALLBACK = "sale-fallback"
    SALE_QR = "sale-qr"
    CASH = "cash"  # an advance of cash over the counter
    VOID = "void"
    VOID_CLOSED = "void-closed"  # of what is in an earlier batch: refused
    REFUND = "refund"
    REFUND_PART = "refund-part"
    REFUND_REQUEST = "refund-request"  # asked for on-line, reversed when silent
    DECLINED = "declined"
    LOST_CARD = "lost-card"
    WRONG_PIN = "wrong-pin"
    MAIL_ORDER = "mail-order"  # by mail or telephone order
    BALANCE = "balance"
    PREAUTH = "preauth"
    PREAUTH_MORE = "preauth-more"
    PREAUTH_CANCEL = "preauth-cancel"
    COMPLETION = "completion"
    COMPLETION_OVER = "completion-over"  # above the ceiling: refused
    COMPLETION_ADVICE = "completion-advice"
    COMPLETION_CANCEL = "completion-cancel"
    OFFLINE = "offline"
    ADJUST = "adjust"
    TIP = "tip"
    ECASH = "ecash"
    INSTALMENT = "instalment"
    INSTALMENT_VOID = "instalment-void"
    POINTS = "points"
    POINTS_VOID = "points-void"
    POINTS_BALANCE = "points-balance"
    SCRIPT_RESULT = "script-result"
    QR_CONFIRM = "qr-confirm"  # a code whose customer is asked, and confirms
    QR_UNCONFIRMED = "qr-unconfirmed"
    WALLET_ORDER = "wallet-order"  # shows a code, asks until it was paid, else closes it
    WALLET_PAY = "wallet-pay"
    WALLET_REFUND = "wallet-refund"
    REVERSAL = "reversal"  # approved, then the printer fails
    REPEAT = "repeat"  # the same bytes again, on another connection
    RACE = "race"  # the same bytes on two connections at once
    ECHO = "echo"
    DOWNLOAD = "download"  # parameters, CA keys and AIDs
    SIGN_OFF = "sign-off"
    SILENT = "silent"
    DELAYED = "delayed"
    LATE = "late"
    TWICE = "twice"
    DROPPED = "dropped"
    WRONG_MAC = "host-wrong-mac"
    OTHER_AMOUNT = "host-other-amount"


NAMES: Final = frozenset(flow.value for flow in Flow)
