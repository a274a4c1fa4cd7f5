"""The one word under which people know a payment's state, from the states of its journal row.

Used by reports, lists and pages alike. What the journal's states mean is in store/records.py.
"""

from collections.abc import Mapping
from typing import Any


def state_of(row: Mapping[str, Any]) -> str:
    """Return the word. Any: the row's columns have their own types."""
    match row["state"], row["undo"], row["voiding"]:
        case "approved", "done", _:
            return "reversed"
        case "unknown", "done", _:
            return "reversed"
        case "approved", ("owed" | "parked"), _:
            return "reversing"
        case "approved", _, "done":
            return "voided"
        case "approved", _, _ if row["refunded_minor"]:
            whole = row["refunded_minor"] >= row["approved_minor"]
            return "refunded" if whole else "part_refunded"
        case "sending", _, _:
            return "in_progress"
        case state, _, _:
            return str(state)


STATES: Mapping[str, tuple[str, str]] = {
    "approved": ("Approved", "已批准"),
    "declined": ("Declined", "已拒绝"),
    "unknown": ("Unknown outcome", "结果未明"),
    "failed": ("Failed", "失败"),
    "refused": ("Refused", "本系统拒绝"),
    "in_progress": ("In progress", "处理中"),
    "reversed": ("Reversed", "已冲正"),
    "reversing": ("Reversing", "冲正中"),
    "voided": ("Voided", "已撤销"),
    "refunded": ("Refunded", "已退款"),
    "part_refunded": ("Part refunded", "部分退款"),
}
KINDS: Mapping[str, tuple[str, str]] = {
    "sale": ("Sale", "消费"),
    "cash": ("Cash advance", "预借现金"),
    "void": ("Void", "撤销"),
    "refund": ("Refund", "退款"),
    "refund-request": ("Refund", "退款"),
    "wallet-order": ("Wallet order", "扫码订单"),
    "wallet-pay": ("Wallet payment", "钱包付款"),
    "wallet-refund": ("Wallet refund", "钱包退款"),
    "preauth": ("Pre-authorisation", "预授权"),
    "preauth-more": ("More pre-authorised", "追加预授权"),
    "preauth-cancel": ("Pre-authorisation cancelled", "预授权撤销"),
    "completion": ("Completion", "预授权完成"),
    "completion-advice": ("Completion advice", "预授权完成通知"),
    "completion-cancel": ("Completion cancelled", "预授权完成撤销"),
    "offline": ("Off-line sale", "离线消费"),
    "adjust": ("Adjustment", "结算调整"),
    "tip": ("Tip", "小费"),
    "ecash": ("Electronic cash", "电子现金"),
    "instalment": ("Instalment", "分期付款"),
    "instalment-void": ("Instalment void", "分期撤销"),
    "balance": ("Balance", "余额查询"),
    "points": ("Points", "积分消费"),
    "points-void": ("Points void", "积分撤销"),
    "points-balance": ("Points balance", "积分查询"),
    "script-result": ("Script result", "脚本结果"),
}
