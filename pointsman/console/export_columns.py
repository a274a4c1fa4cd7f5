"""The columns of exported lists: where each cell stands in the documents that the API lists.

Plain values. An export reads the same function as its page, so its rows are the list's rows. The
writers of files are in pointsman/reports; lists of the office are in export_office.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pointsman.console.export_office import OFFICE_LISTS, Place, at
from pointsman.console.payments import Document
from pointsman.reports.measures import Kind
from pointsman.reports.table import Cell, Column, Row

_T, _C, _M = Kind.TEXT, Kind.CODE, Kind.MONEY
LISTS: Mapping[str, Sequence[Place]] = {
    **OFFICE_LISTS,
    "payments": (
        at("created", Kind.MOMENT, "Time", "时间"),
        at("business_date", Kind.DATE, "Business date", "营业日"),
        at("id", _C, "Id", "编号"),
        at("state", _T, "State", "状态"),
        at("kind", _T, "Kind", "类型"),
        at("amount", _M, "Amount", "金额"),
        at("approved", _M, "Approved", "批准金额"),
        at("refunded", _M, "Refunded", "已退金额"),
        at("method", _C, "Method", "受理方式"),
        at("card.masked", _C, "Card", "卡号"),
        at("card.brand", _C, "Brand", "卡组织"),
        at("merchant.mid", _C, "MID", "商户号"),
        at("merchant.name", _T, "Merchant", "商户"),
        at("outlet.name", _T, "Outlet", "门店"),
        at("terminal", _C, "TID", "终端号"),
        at("acquirer", _C, "Acquirer", "收单通道"),
        at("rrn", _C, "RRN", "检索参考号"),
        at("stan", _C, "STAN", "流水号"),
        at("batch", _C, "Batch", "批次"),
        at("approval_code", _C, "Approval code", "授权码"),
        at("response_code", _C, "Answer", "应答码"),
        at("original", _C, "Original", "原交易"),
    ),
    "merchants": (
        at("mid", _C, "MID", "商户号"),
        at("name", _T, "Merchant", "商户"),
        at("state", _C, "State", "状态"),
        at("mcc", _C, "MCC", "商户类别码"),
        at("city", _T, "City", "城市"),
        at("country", _C, "Country", "国家"),
        at("currency", _C, "Currency of sales", "交易币种"),
        at("active_terminals", Kind.COUNT, "Active terminals", "启用终端"),
    ),
    "terminals": (
        at("mid", _C, "MID", "商户号"),
        at("merchant_name", _T, "Merchant", "商户"),
        at("tid", _C, "TID", "终端号"),
        at("state", _C, "State", "状态"),
        at("last_sign_in", Kind.MOMENT, "Last sign-in", "最近签到"),
        at("last_payment", Kind.MOMENT, "Last payment", "最近交易"),
        at("batch", _C, "Batch", "批次"),
        at("key_check_value", _C, "Key check value", "密钥校验值"),
        at("format", _C, "Format", "报文格式"),
    ),
    "batches": (
        at("mid", _C, "MID", "商户号"),
        at("merchant_name", _T, "Merchant", "商户"),
        at("terminal", _C, "TID", "终端号"),
        at("batch", _C, "Batch", "批次"),
        at("state", _C, "State", "状态"),
        at("opened", Kind.MOMENT, "Opened", "开始"),
        at("closed", Kind.MOMENT, "Closed", "结束"),
        at("result", _C, "Result", "结果"),
        at("late_result", _C, "Result told later", "终端后报结果"),
        at("business_date", Kind.DATE, "Business date", "营业日"),
        at("debits.count", Kind.COUNT, "Payments", "笔数"),
        at("debits.sum", _M, "Gross", "交易总额"),
        at("credits.count", Kind.COUNT, "Refunds (number)", "退款笔数"),
        at("credits.sum", _M, "Refunds", "退款"),
        at("net", _M, "Net", "净交易额"),
    ),
    "settlement": (
        at("business_date", Kind.DATE, "Business date", "营业日"),
        at("state", _C, "State", "状态"),
        at("postings", Kind.COUNT, "Postings", "入账笔数"),
        at("open_items", Kind.COUNT, "Open items", "未结项"),
        at("files", Kind.COUNT, "Files", "文件"),
    ),
    "exceptions": (
        at("id", _C, "Id", "编号"),
        at("state", _C, "State", "状态"),
        at("kind", _C, "What", "事项"),
        at("since", Kind.MOMENT, "Since", "起始"),
        at("age_s", Kind.COUNT, "Age in seconds", "时长（秒）"),
        at("mid", _C, "MID", "商户号"),
        at("tid", _C, "TID", "终端号"),
        at("batch", _C, "Batch", "批次"),
        at("stan", _C, "STAN", "流水号"),
        at("acquirer", _C, "Acquirer", "收单通道"),
        at("payment", _C, "Payment", "交易"),
        at("amount", _M, "Amount", "金额"),
        at("expected", _M, "Expected", "应为"),
        at("found", _M, "Found", "实为"),
        at("cause", _T, "Reason", "原因"),
        at("code", _C, "Answer", "应答码"),
        at("attempts", Kind.COUNT, "Tries", "次数"),
        at("proposal", _C, "What to do", "建议"),
    ),
    "links": (
        at("id", _C, "Id", "编号"),
        at("acquirer", _C, "Acquirer", "收单通道"),
        at("session", Kind.COUNT, "Session", "会话"),
        at("state", _C, "State", "状态"),
        at("machine", _C, "Machine", "机器"),
        at("worker", Kind.COUNT, "Worker", "工作进程"),
        at("owed", Kind.COUNT, "Owed", "待发"),
    ),
    "acquirers": (
        at("name", _C, "Acquirer", "收单通道"),
        at("institution", _C, "Institution", "机构号"),
        at("state", _C, "State", "状态"),
        at("format", _C, "Format", "报文格式"),
        at("address", _C, "Address", "地址"),
        at("owed", Kind.COUNT, "Owed", "待发"),
        at("owed_since", Kind.MOMENT, "Owed since", "待发起始"),
    ),
    "reconciliations": (
        at("settlement_date", Kind.DATE, "Settlement date", "清算日期"),
        at("acquirer", _C, "Acquirer", "收单通道"),
        at("state", _C, "State", "状态"),
        at("currency", _C, "Currency of sums", "币种"),
        at("ours.debits.count", Kind.COUNT, "Debits", "借记笔数"),
        at("ours.debits.sum.text", _C, "Our debits", "我方借记"),
        at("ours.voids.sum.text", _C, "Our voids", "我方撤销"),
        at("ours.credits.sum.text", _C, "Our credits", "我方贷记"),
        at("ours.net.text", _C, "Our net", "我方净额"),
        at("theirs", _T, "Their totals", "对方总计"),
        at("response_code", _C, "Answer", "应答码"),
    ),
}
"""The columns of each list that can be exported."""


def columns(name: str) -> tuple[Column, ...]:
    """Return the columns of a list."""
    return tuple(place.column for place in LISTS[name])


_SUMS = ("amount", "net", "expected", "found")
"""The first of these that a document has tells the currency of its row."""


def row(name: str, found: Document) -> Row:
    """Return one listed document as a row."""
    sums = (found.get(name) for name in _SUMS)
    code = next((sum_["currency"] for sum_ in sums if isinstance(sum_, dict)), "")
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
