"""The columns of exported lists: where each cell stands in the documents that the API lists.

Plain values. An export reads the same function as its page, so its rows are the list's rows. The
writers of files are in pointsman/reports; who may export is the list's own right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pointsman.console.payments import Document
from pointsman.reports.measures import Kind
from pointsman.reports.states import KINDS, STATES
from pointsman.reports.table import Cell, Column, Row


@dataclass(frozen=True, slots=True)
class Place:
    """A column, and the members that lead to its value."""

    column: Column
    path: tuple[str, ...]


_T, _C, _M = Kind.TEXT, Kind.CODE, Kind.MONEY
_WORDS = {"state": STATES, "kind": KINDS}


def _at(path: str, kind: Kind, en: str, zh: str) -> Place:
    steps = tuple(path.split("."))
    return Place(Column(path, kind, en, zh, words=_WORDS.get(path, {})), steps)


LISTS: Mapping[str, Sequence[Place]] = {
    "payments": (
        _at("created", Kind.MOMENT, "Time", "时间"),
        _at("business_date", Kind.DATE, "Business date", "营业日"),
        _at("id", _C, "Id", "编号"),
        _at("state", _T, "State", "状态"),
        _at("kind", _T, "Kind", "类型"),
        _at("amount", _M, "Amount", "金额"),
        _at("approved", _M, "Approved", "批准金额"),
        _at("refunded", _M, "Refunded", "已退金额"),
        _at("method", _C, "Method", "受理方式"),
        _at("card.masked", _C, "Card", "卡号"),
        _at("card.brand", _C, "Brand", "卡组织"),
        _at("merchant.mid", _C, "MID", "商户号"),
        _at("merchant.name", _T, "Merchant", "商户"),
        _at("terminal", _C, "TID", "终端号"),
        _at("acquirer", _C, "Acquirer", "收单通道"),
        _at("rrn", _C, "RRN", "检索参考号"),
        _at("stan", _C, "STAN", "流水号"),
        _at("batch", _C, "Batch", "批次"),
        _at("approval_code", _C, "Approval code", "授权码"),
        _at("response_code", _C, "Answer", "应答码"),
        _at("original", _C, "Original", "原交易"),
    ),
    "merchants": (
        _at("mid", _C, "MID", "商户号"),
        _at("name", _T, "Merchant", "商户"),
        _at("state", _C, "State", "状态"),
        _at("mcc", _C, "MCC", "商户类别码"),
        _at("city", _T, "City", "城市"),
        _at("country", _C, "Country", "国家"),
        _at("currency", _C, "Currency of sales", "交易币种"),
        _at("active_terminals", Kind.COUNT, "Active terminals", "启用终端"),
    ),
    "terminals": (
        _at("mid", _C, "MID", "商户号"),
        _at("merchant_name", _T, "Merchant", "商户"),
        _at("tid", _C, "TID", "终端号"),
        _at("state", _C, "State", "状态"),
        _at("last_sign_in", Kind.MOMENT, "Last sign-in", "最近签到"),
        _at("last_payment", Kind.MOMENT, "Last payment", "最近交易"),
        _at("batch", _C, "Batch", "批次"),
        _at("key_check_value", _C, "Key check value", "密钥校验值"),
        _at("format", _C, "Format", "报文格式"),
    ),
    "batches": (
        _at("mid", _C, "MID", "商户号"),
        _at("merchant_name", _T, "Merchant", "商户"),
        _at("terminal", _C, "TID", "终端号"),
        _at("batch", _C, "Batch", "批次"),
        _at("state", _C, "State", "状态"),
        _at("opened", Kind.MOMENT, "Opened", "开始"),
        _at("closed", Kind.MOMENT, "Closed", "结束"),
        _at("result", _C, "Result", "结果"),
        _at("business_date", Kind.DATE, "Business date", "营业日"),
        _at("debits.count", Kind.COUNT, "Payments", "笔数"),
        _at("debits.sum", _M, "Gross", "交易总额"),
        _at("credits.count", Kind.COUNT, "Refunds (number)", "退款笔数"),
        _at("credits.sum", _M, "Refunds", "退款"),
        _at("net", _M, "Net", "净交易额"),
    ),
    "settlement": (
        _at("business_date", Kind.DATE, "Business date", "营业日"),
        _at("state", _C, "State", "状态"),
        _at("postings", Kind.COUNT, "Postings", "入账笔数"),
        _at("open_items", Kind.COUNT, "Open items", "未结项"),
        _at("files", Kind.COUNT, "Files", "文件"),
    ),
    "links": (
        _at("name", _C, "Acquirer", "收单通道"),
        _at("institution", _C, "Institution", "机构号"),
        _at("state", _C, "State", "状态"),
        _at("format", _C, "Format", "报文格式"),
        _at("address", _C, "Address", "地址"),
        _at("owed", Kind.COUNT, "Owed", "待发"),
        _at("owed_since", Kind.MOMENT, "Owed since", "待发起始"),
    ),
    "users": (
        _at("login", _C, "User name", "用户名"),
        _at("name", _T, "Name", "姓名"),
        _at("state", _C, "State", "状态"),
        _at("last_sign_in", Kind.MOMENT, "Last sign-in", "最近登录"),
        _at("grants", _T, "Grants", "授权"),
    ),
    "reconciliations": (
        _at("settlement_date", Kind.DATE, "Settlement date", "清算日期"),
        _at("acquirer", _C, "Acquirer", "收单通道"),
        _at("state", _C, "State", "状态"),
        _at("currency", _C, "Currency of sums", "币种"),
        _at("ours.debits.count", Kind.COUNT, "Debits", "借记笔数"),
        _at("ours.debits.sum.text", _C, "Our debits", "我方借记"),
        _at("ours.voids.sum.text", _C, "Our voids", "我方撤销"),
        _at("ours.credits.sum.text", _C, "Our credits", "我方贷记"),
        _at("ours.net.text", _C, "Our net", "我方净额"),
        _at("theirs", _T, "Their totals", "对方总计"),
        _at("response_code", _C, "Answer", "应答码"),
    ),
    "keys": (
        _at("name", _T, "Name", "名称"),
        _at("hint", _C, "Key", "密钥"),
        _at("state", _C, "State", "状态"),
        _at("grant.role", _C, "Role", "角色"),
        _at("grant.mid", _C, "MID", "商户号"),
        _at("expires", Kind.MOMENT, "Until", "有效期至"),
    ),
    "approvals": (
        _at("asked", Kind.MOMENT, "Asked", "申请时间"),
        _at("kind", _C, "What", "事项"),
        _at("state", _C, "State", "状态"),
        _at("mid", _C, "MID", "商户号"),
        _at("summary", _T, "Summary", "摘要"),
        _at("asked_by", _T, "Asked by", "经办"),
        _at("decided_by", _T, "Decided by", "复核"),
        _at("reason", _T, "Reason", "原因"),
    ),
    "applications": (
        _at("submitted", Kind.MOMENT, "Asked", "申请时间"),
        _at("state", _C, "State", "状态"),
        _at("name", _T, "Name of the business", "商户名称"),
        _at("mcc", _C, "MCC", "商户类别码"),
        _at("city", _T, "City", "城市"),
        _at("login", _T, "User name", "用户名"),
        _at("contact", _T, "Contact", "联系方式"),
        _at("mid", _C, "MID", "商户号"),
        _at("decided_by", _T, "Decided by", "复核"),
    ),
    "audit": (
        _at("sequence", Kind.COUNT, "Number", "序号"),
        _at("at", Kind.MOMENT, "Time", "时间"),
        _at("actor", _T, "Actor", "操作者"),
        _at("role", _C, "Role", "角色"),
        _at("act", _C, "Act", "操作"),
        _at("object_kind", _C, "Kind of object", "对象类型"),
        _at("object_id", _T, "Object", "对象"),
        _at("mid", _C, "MID", "商户号"),
        _at("reason", _T, "Reason", "原因"),
        _at("before", _T, "Before", "变更前"),
        _at("after", _T, "After", "变更后"),
        _at("address", _C, "From", "来源地址"),
        _at("request_id", _C, "Request", "请求编号"),
        _at("result", _C, "Result", "结果"),
    ),
}
"""The columns of each list that can be exported."""


def columns(name: str) -> tuple[Column, ...]:
    """Return the columns of a list."""
    return tuple(place.column for place in LISTS[name])


def row(name: str, found: Document) -> Row:
    """Return one listed document as a row."""
    amount = found.get("amount", found.get("net"))
    code = amount["currency"] if isinstance(amount, dict) else ""
    return Row(code, [_cell(place, found) for place in LISTS[name]])


def _cell(place: Place, found: Document) -> Cell:
    value: object = found
    for step in place.path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    match place.column.kind, value:
        case _, None:
            return None
        case Kind.MONEY, {"amount": int(minor)}:
            return minor
        case Kind.MOMENT, str(text):
            return datetime.fromisoformat(text)
        case Kind.DATE, str(text):
            return date.fromisoformat(text)
        case _, list(items):
            return "; ".join(_words(item) for item in items)
        case _, dict(inner):
            return ", ".join(f"{name}: {text}" for name, text in inner.items())
        case _, str() | int():
            return value
        case _:
            return str(value)


def _words(item: object) -> str:
    return (
        " ".join(str(one) for one in item.values() if one) if isinstance(item, dict) else str(item)
    )
