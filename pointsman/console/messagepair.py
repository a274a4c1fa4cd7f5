"""Two messages side by side: what the terminal's side and the acquirer's side say in each field.

A core: the fields of payments.py in, rows out. The names are those of ISO 8583-1:1987, table 4; the
values are shown as they are kept, and what could be a secret is only named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Field = Mapping[str, Any]  # Any: number and value are text, hidden is a truth value

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "0": ("Message type", "消息类型"),
    "2": ("Card number", "卡号"),
    "3": ("Processing code", "处理码"),
    "4": ("Amount", "交易金额"),
    "7": ("Sent at, UTC", "发送时间（UTC）"),
    "11": ("STAN", "系统跟踪号"),
    "12": ("Local time", "本地时间"),
    "13": ("Local date", "本地日期"),
    "14": ("Expiry", "有效期"),
    "15": ("Settlement date", "清算日期"),
    "18": ("Merchant category", "商户类别"),
    "22": ("Entry mode", "输入方式"),
    "23": ("Card sequence", "卡序列号"),
    "25": ("Condition", "服务点条件码"),
    "26": ("PIN capture", "密码采集码"),
    "28": ("Fee", "手续费"),
    "32": ("Acquirer id", "受理机构代码"),
    "33": ("Forwarder id", "发送机构代码"),
    "35": ("Track 2", "二磁道"),
    "36": ("Track 3", "三磁道"),
    "37": ("RRN", "检索参考号"),
    "38": ("Approval code", "授权码"),
    "39": ("Answer code", "应答码"),
    "41": ("Terminal", "终端号"),
    "42": ("Merchant", "商户号"),
    "43": ("Name and place", "商户名称地址"),
    "44": ("More of the answer", "附加响应数据"),
    "48": ("Private, 48", "自定义域 48"),
    "49": ("Currency", "货币代码"),
    "52": ("PIN block", "密码块"),
    "53": ("Security", "安全控制信息"),
    "54": ("Further amounts", "附加金额"),
    "55": ("Chip data", "芯片数据"),
    "57": ("Private, 57", "自定义域 57"),
    "59": ("Private, 59", "自定义域 59"),
    "60": ("Private, 60", "自定义域 60"),
    "61": ("Original", "原交易信息"),
    "62": ("Private, 62", "自定义域 62"),
    "63": ("Private, 63", "自定义域 63"),
    "64": ("MAC", "报文鉴别码"),
    "90": ("Original data", "原始数据元"),
    "95": ("Replacement amounts", "替换金额"),
    "128": ("MAC", "报文鉴别码"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field on both sides; `relation` is same, chg, add or del, seen from the left."""

    number: str
    name: tuple[str, str]  # English, Chinese
    left: str
    right: str
    hidden: bool
    relation: str


def lines(left: Sequence[Field], right: Sequence[Field]) -> list[Line]:
    """Return the fields of both messages by number."""
    first = {one["number"]: one for one in left}
    second = {one["number"]: one for one in right}
    numbers = sorted(first.keys() | second.keys(), key=lambda text: (len(text), text))
    return [_line(number, first.get(number), second.get(number)) for number in numbers]


def _line(number: str, left: Field | None, right: Field | None) -> Line:
    one = left or right
    assert one is not None
    name = NAMES.get(number, (f"Field {number}", f"域 {number}"))
    values = ("" if left is None else left["value"], "" if right is None else right["value"])
    return Line(number, name, *values, one["hidden"], _relation(left, right))


def _relation(left: Field | None, right: Field | None) -> str:
    if left is None:
        return "add"
    if right is None:
        return "del"
    return "same" if left["value"] == right["value"] else "chg"
