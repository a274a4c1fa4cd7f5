"""Decline reasons: the category of an answer code, its words, and whether another try may help.

ISO 8583 field 39 as the terminals' dialect uses it. Twelve categories; a code that the table lacks
is `other`. What is counted by code is in catalogue.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "funds": ("Funds", "余额不足"),
    "do_not_honour": ("Do not honour", "不予承兑"),
    "expired": ("Expired", "卡已过期"),
    "invalid_card": ("Invalid card", "无效卡"),
    "pin": ("PIN", "密码"),
    "limit": ("Limit", "超出限额"),
    "fraud": ("Suspected fraud", "疑似欺诈"),
    "issuer_unavailable": ("Issuer unavailable", "发卡方不可用"),
    "format": ("Format", "格式"),
    "not_permitted": ("Not permitted", "不允许的交易"),
    "security": ("Security", "安全校验"),
    "other": ("Other", "其他"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What an answer code says."""

    category: str
    en: str
    zh: str
    retry: bool = False


_UNKNOWN = Reason("other", "Other reason", "其他原因")
_REASONS: Mapping[str, Reason] = {
    "01": Reason("do_not_honour", "Refer to card issuer", "请联系发卡方"),
    "03": Reason("not_permitted", "Invalid merchant", "无效商户"),
    "04": Reason("fraud", "Pick up card", "没收卡"),
    "05": Reason("do_not_honour", "Do not honour", "不予承兑"),
    "06": Reason("other", "Error", "错误", retry=True),
    "07": Reason("fraud", "Pick up card, special condition", "特定条件下没收卡"),
    "12": Reason("not_permitted", "Invalid transaction", "无效交易"),
    "13": Reason("format", "Invalid amount", "无效金额"),
    "14": Reason("invalid_card", "Invalid card number", "无效卡号"),
    "15": Reason("invalid_card", "No such issuer", "无此发卡方"),
    "19": Reason("other", "Try again", "请重做交易", retry=True),
    "21": Reason("invalid_card", "Card not initialised", "卡未初始化"),
    "25": Reason("other", "No original found", "未找到原始交易"),
    "30": Reason("format", "Format error", "格式错误"),
    "34": Reason("fraud", "Suspected fraud", "疑似欺诈"),
    "36": Reason("not_permitted", "Restricted card", "受限制的卡"),
    "38": Reason("pin", "PIN tries exceeded", "密码错误次数超限"),
    "40": Reason("not_permitted", "Function not supported", "不支持的功能"),
    "41": Reason("fraud", "Lost card", "挂失卡"),
    "43": Reason("fraud", "Stolen card", "被窃卡"),
    "51": Reason("funds", "Not sufficient funds", "余额不足", retry=True),
    "54": Reason("expired", "Expired card", "卡已过期"),
    "55": Reason("pin", "Wrong PIN", "密码错误", retry=True),
    "57": Reason("not_permitted", "Not permitted to cardholder", "不允许持卡人进行的交易"),
    "58": Reason("not_permitted", "Not permitted to terminal", "不允许终端进行的交易"),
    "59": Reason("fraud", "Suspected fraud", "有作弊嫌疑"),
    "61": Reason("limit", "Amount limit exceeded", "超出金额限制"),
    "62": Reason("not_permitted", "Restricted card", "受限制的卡"),
    "63": Reason("security", "Security violation", "违反安全规定"),
    "64": Reason("format", "Amount differs from the original", "原始金额不正确"),
    "65": Reason("limit", "Number limit exceeded", "超出次数限制"),
    "68": Reason("issuer_unavailable", "Answer too late", "应答超时", retry=True),
    "75": Reason("pin", "PIN tries exceeded", "密码错误次数超限"),
    "77": Reason("other", "Sign in again", "请重新签到", retry=True),
    "90": Reason("issuer_unavailable", "Day closing", "日切处理中", retry=True),
    "91": Reason("issuer_unavailable", "Issuer not available", "发卡方不能操作", retry=True),
    "92": Reason("issuer_unavailable", "No route", "无法路由", retry=True),
    "94": Reason("other", "Duplicate", "重复交易"),
    "96": Reason("issuer_unavailable", "System malfunction", "系统异常", retry=True),
    "97": Reason("not_permitted", "Unknown terminal", "终端未登记"),
    "98": Reason("issuer_unavailable", "No answer of the issuer", "发卡方无应答", retry=True),
    "99": Reason("pin", "PIN format", "密码格式错误", retry=True),
    "A0": Reason("security", "MAC wrong", "报文鉴别码错误", retry=True),
}


def reason_of(code: str) -> Reason:
    """Return what an answer code says."""
    return _REASONS.get(code, _UNKNOWN)
