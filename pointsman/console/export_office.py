"""The columns of exported lists of the office: people, keys, decisions, its trail, its links.

Plain values. What a column is made of stands here as well; the other lists are in
export_columns.py, which puts all of them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pointsman.reports.measures import Kind
from pointsman.reports.states import KINDS, STATES
from pointsman.reports.table import Column


@dataclass(frozen=True, slots=True)
class Place:
    """A column, and the members that lead to its value."""

    column: Column
    path: tuple[str, ...]


_T, _C, _M = Kind.TEXT, Kind.CODE, Kind.MONEY
_WORDS = {"state": STATES, "kind": KINDS}


def at(path: str, kind: Kind, en: str, zh: str) -> Place:
    """Return the column of a member; dots lead into members of it."""
    steps = tuple(path.split("."))
    return Place(Column(path, kind, en, zh, words=_WORDS.get(path, {})), steps)


OFFICE_LISTS: Mapping[str, Sequence[Place]] = {
    "users": (
        at("login", _C, "User name", "用户名"),
        at("name", _T, "Name", "姓名"),
        at("state", _C, "State", "状态"),
        at("last_sign_in", Kind.MOMENT, "Last sign-in", "最近登录"),
        at("grants", _T, "Grants", "授权"),
    ),
    "keys": (
        at("name", _T, "Name", "名称"),
        at("hint", _C, "Key", "密钥"),
        at("state", _C, "State", "状态"),
        at("grant.role", _C, "Role", "角色"),
        at("grant.mid", _C, "MID", "商户号"),
        at("expires", Kind.MOMENT, "Until", "有效期至"),
    ),
    "approvals": (
        at("asked", Kind.MOMENT, "Asked", "申请时间"),
        at("kind", _C, "What", "事项"),
        at("state", _C, "State", "状态"),
        at("mid", _C, "MID", "商户号"),
        at("merchant_name", _T, "Merchant", "商户"),
        at("summary", _T, "Summary", "摘要"),
        at("asked_by", _T, "Asked by", "经办"),
        at("decided_by", _T, "Decided by", "复核"),
        at("reason", _T, "Reason", "原因"),
    ),
    "applications": (
        at("submitted", Kind.MOMENT, "Asked", "申请时间"),
        at("state", _C, "State", "状态"),
        at("name", _T, "Name of the business", "商户名称"),
        at("mcc", _C, "MCC", "商户类别码"),
        at("city", _T, "City", "城市"),
        at("login", _T, "User name", "用户名"),
        at("contact", _T, "Contact", "联系方式"),
        at("mid", _C, "MID", "商户号"),
        at("decided_by", _T, "Decided by", "复核"),
    ),
    "audit": (
        at("sequence", Kind.COUNT, "Number", "序号"),
        at("at", Kind.MOMENT, "Time", "时间"),
        at("actor", _T, "Actor", "操作者"),
        at("role", _C, "Role", "角色"),
        at("act", _C, "Act", "操作"),
        at("object_kind", _C, "Kind of object", "对象类型"),
        at("object_id", _T, "Object", "对象"),
        at("mid", _C, "MID", "商户号"),
        at("reason", _T, "Reason", "原因"),
        at("before", _T, "Before", "变更前"),
        at("after", _T, "After", "变更后"),
        at("address", _C, "From", "来源地址"),
        at("request_id", _C, "Request", "请求编号"),
        at("result", _C, "Result", "结果"),
    ),
    "blacklist": (
        at("card", _C, "Card", "卡号"),
        at("code", _C, "Answer", "应答码"),
        at("since", Kind.MOMENT, "Since", "起始"),
    ),
    "outbox": (
        at("made", Kind.MOMENT, "Asked", "申请时间"),
        at("state", _C, "State", "状态"),
        at("kind", _C, "Kind", "类型"),
        at("recipient", _T, "User name", "用户名"),
        at("mid", _C, "MID", "商户号"),
        at("made_by", _T, "Asked by", "经办"),
        at("mail", _C, "Mail", "邮件"),
        at("mail_problem", _T, "Why not", "未发原因"),
    ),
    "report_runs": (
        at("made", Kind.MOMENT, "Made", "生成时间"),
        at("id", _C, "Id", "编号"),
        at("report", _C, "Report", "报表"),
        at("format", _C, "Format", "格式"),
        at("state", _C, "State", "状态"),
        at("made_by", _T, "By whom", "经办"),
        at("file_name", _T, "File", "文件"),
    ),
}
"""The columns of each list of the office."""
