"""Rows of the reports that list: R02 every transaction, R12 refunds and voids, R09 decline reasons.

Plain values of rows of store/console_figures.py. What a transaction counts is what was posted for
it within the period, or will be when its day closes: the sum of R02 is the net of R01.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pointsman.money import currency
from pointsman.reports.catalogue import METHODS
from pointsman.reports.declines import CATEGORIES, reason_of
from pointsman.reports.measures import Kind, ratio
from pointsman.reports.states import KINDS, STATES, state_of
from pointsman.reports.summing import Group
from pointsman.reports.sums import Sums, total
from pointsman.reports.table import Cell, Column, Row
from pointsman.store.console_rows import REPORT_LINE

Identify = Callable[[bytes], str]
"""Gives a payment's id as people and programs write it."""

_T, _C, _M = Kind.TEXT, Kind.CODE, Kind.MONEY
_FEES = ("fees are not part of this version", "本版本不含手续费")
_COUNTED = Column(
    "counted", _M, "Counts", "计入金额",
    "what was posted for it within the period, or will be when its day closes; the sum is net",
    "期间内已入账（或日切时将入账）的金额，合计即净交易额",
)  # fmt: skip
LINE_COLUMNS = (
    Column("time", Kind.MOMENT, "Time", "时间"),
    Column("business_date", Kind.DATE, "Business date", "营业日"),
    Column("id", _C, "Id", "编号"),
    Column("rrn", _C, "RRN", "检索参考号"),
    Column("stan", _C, "STAN", "流水号"),
    Column("approval_code", _C, "Approval code", "授权码"),
    Column("mid", _C, "MID", "商户号"),
    Column("merchant", _T, "Merchant", "商户"),
    Column("tid", _C, "TID", "终端号"),
    Column("kind", _T, "Kind", "类型", words=KINDS),
    Column("method", _T, "Method", "受理方式", words=METHODS),
    Column("entry_mode", _C, "Entry", "输入方式"),
    Column("brand", _C, "Brand", "卡组织"),
    Column("card", _C, "Card", "卡号"),
    Column("amount", _M, "Amount", "金额"),
    Column("approved", _M, "Approved", "批准金额"),
    Column("tip", _M, "Tip", "小费"),
    Column("fee", _M, "Fee", "手续费", "", "", *_FEES),
    _COUNTED,
    Column("state", _T, "State", "状态", words=STATES),
    Column("answer_code", _C, "Answer", "应答码"),
    Column("acquirer", _C, "Acquirer", "收单通道"),
    Column("acquirer_rrn", _C, "Acquirer's RRN", "通道检索参考号"),
    Column("batch", _C, "Batch", "批次"),
    Column("original", _C, "Original", "原交易"),
)
BACK_COLUMNS = (
    Column("time", Kind.MOMENT, "Time", "时间"),
    Column("business_date", Kind.DATE, "Business date", "营业日"),
    Column("id", _C, "Id", "编号"),
    Column("mid", _C, "MID", "商户号"),
    Column("merchant", _T, "Merchant", "商户"),
    Column("tid", _C, "TID", "终端号"),
    Column("kind", _T, "Kind", "类型", words=KINDS),
    Column("state", _T, "State", "状态", words=STATES),
    Column("answer_code", _C, "Answer", "应答码"),
    Column("amount", _M, "Amount", "金额"),
    _COUNTED,
    Column("original", _C, "Original", "原交易"),
    Column("original_date", Kind.DATE, "Original's date", "原营业日"),
    Column("lag_days", Kind.COUNT, "Days between", "间隔天数"),
    Column("original_amount", _M, "Original amount", "原金额"),
    Column(
        "share", Kind.RATIO, "Share of original", "占原金额",
        "amount ÷ original amount", "金额 ÷ 原金额",
    ),
)  # fmt: skip
REASON_COLUMNS = (
    Column("category", _T, "Category", "类别", words=CATEGORIES),
    Column("code", _C, "Answer", "应答码"),
    Column("text", _T, "Meaning", "含义"),
    Column("count", Kind.COUNT, "Declines", "拒绝笔数", "attempts declined so", "如此拒绝的请求数"),
    Column("amount", _M, "Amount", "金额", "Σ their amounts", "Σ 其金额"),
    Column(
        "share", Kind.RATIO, "Share of declines", "占拒绝",
        "declines of the reason ÷ declines", "该原因的拒绝 ÷ 全部拒绝",
    ),
    Column(
        "share_attempts", Kind.RATIO, "Share of attempts", "占请求",
        "declines of the reason ÷ attempts", "该原因的拒绝 ÷ 全部请求",
    ),
    Column(
        "retry", _T, "Another try", "再试",
        words={"may_help": ("may help", "可能有用"), "no": ("do not retry", "请勿重试")},
    ),
)  # fmt: skip


def line(raw: Sequence[Any], identify: Identify, more: int = 0) -> Row:
    """Return a transaction as R02 lists it; `more` is counted beside what the row says."""
    row = dict(zip(REPORT_LINE, raw, strict=True))
    tip = row["approved_minor"] - row["base_minor"] if row["base_minor"] else 0
    card = f"{row['first6']}****{row['last4']}" if row["last4"] else ""
    cells: list[Cell] = [
        *(row["created_at"], row["business_date"], identify(row["id"]), row["rrn"], row["stan"]),
        *(row["auth_code"], row["mid"], row["merchant_name"] or "", row["tid"], row["kind"]),
        *(row["method"], row["entry_mode"] or "", row["scheme"], card, row["amount_minor"]),
        *(row["approved_minor"], tip, None, row["counted_minor"] + more, state_of(row)),
        *(row["response_code"], row["acquirer"], row["host_rrn"], row["batch"]),
        identify(row["original"]) if row["original"] else "",
    ]
    return Row(currency(row["currency"]).code, cells, [("payment", identify(row["id"]))])


def taken_back(raw: Sequence[Any], identify: Identify) -> Row:
    """Return a refund or void with what it takes back."""
    (found, at, day, mid, name, tid, kind, amount, approved, code, state, undo, answer, _, first,
     first_at, first_day, first_minor, _, _, counted) = raw  # fmt: skip
    words = {"state": state, "undo": undo, "voiding": "none", "refunded_minor": 0}
    lag = at - first_at
    cells: list[Cell] = [
        *(at, day, identify(found), mid, name or "", tid, kind),
        state_of({**words, "approved_minor": approved}),
        *(answer, amount, counted, identify(first), first_day, lag // timedelta(days=1)),
        *(first_minor, ratio(amount, first_minor)),
    ]
    return Row(currency(code).code, cells, [("payment", identify(found))])


def reasons(groups: Mapping[Group, Sums], *, chinese: bool) -> list[Row]:
    """Return a row for each answer code that declined something, the most frequent first."""
    found = []
    for code in sorted({code for code, _ in groups}):
        whole = total(sums for (c, _), sums in groups.items() if c == code)
        mine = [(values[0], sums) for (c, values), sums in groups.items() if c == code]
        for answer, sums in sorted(mine, key=lambda one: (-one[1].declined, one[0])):
            if not sums.declined:
                continue
            reason = reason_of(answer)
            cells: list[Cell] = [
                *(reason.category, answer, reason.zh if chinese else reason.en, sums.declined),
                *(sums.declined_minor, ratio(sums.declined, whole.declined)),
                ratio(sums.declined, whole.attempts),
                "may_help" if reason.retry else "no",
            ]
            found.append(Row(code, cells, [("response_code", answer)]))
    return found


def added(rows: Iterable[Row], columns: Sequence[Column], sums: dict[str, dict[int, int]]) -> None:
    """Add the columns that can be added (counts and money) of rows to `sums`, by currency."""
    places = [(place, column) for place, column in enumerate(columns) if column.code in _ADDABLE]
    for row in rows:
        mine = sums.setdefault(row.currency, {place: 0 for place, _ in places})
        for place, _ in places:
            cell = row.cells[place]
            if isinstance(cell, int):
                mine[place] += cell


_ADDABLE = frozenset(
    {"counted", "count", "amount", "net"}
    | {f"{side}.{what}" for side in ("debits", "credits") for what in ("count", "sum")}
)


def total_rows(columns: Sequence[Column], sums: Mapping[str, Mapping[int, int]]) -> list[Row]:
    """Return one row for each currency with the sums that `added` collected."""
    return [
        Row(code, [mine.get(place) for place in range(len(columns))])
        for code, mine in sorted(sums.items())
    ]
