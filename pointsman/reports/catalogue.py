"""The reports: code, version, names, groupings, measures, formats. One definition of each.

Those of sums are rows of a table here: a grouping and measures. R02, R09 and R12 have rows of their
own (lines.py, reasons.py). A change of what a report tells is a new version of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from pointsman.reports.measures import Kind
from pointsman.reports.table import Column, column_of


class Source(Enum):
    """What the rows of a report are."""

    SUMS = auto()
    LINES = auto()  # transactions
    REASONS = auto()  # answer codes
    TAKEN_BACK = auto()  # refunds and voids


@dataclass(frozen=True, slots=True)
class Definition:
    """One report."""

    code: str
    version: int
    group: str
    en: str
    zh: str
    about_en: str
    about_zh: str
    source: Source
    groupings: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    also: tuple[Column, ...] = ()  # columns behind the measures
    leading: str = "net"  # compared with the period before
    formats: tuple[str, ...] = ("csv", "xlsx", "pdf", "json")
    platform_only: bool = False

    def title(self, *, chinese: bool) -> str:
        """Return its name."""
        return self.zh if chinese else self.en

    def about(self, *, chinese: bool) -> str:
        """Return what it is for."""
        return self.about_zh if chinese else self.about_en


WEEKDAYS = {
    "1": ("Monday", "星期一"),
    "2": ("Tuesday", "星期二"),
    "3": ("Wednesday", "星期三"),
    "4": ("Thursday", "星期四"),
    "5": ("Friday", "星期五"),
    "6": ("Saturday", "星期六"),
    "7": ("Sunday", "星期日"),
}
METHODS = {
    "chip": ("Chip", "芯片"),
    "contactless": ("Contactless", "非接"),
    "stripe": ("Stripe", "磁条"),
    "manual": ("Keyed", "手输"),
    "qr_merchant": ("QR, merchant shows", "商户码"),
    "qr_consumer": ("QR, customer shows", "付款码"),
    "wallet": ("Wallet", "钱包"),
    "other": ("Other", "其他"),
}

_T, _C = Kind.TEXT, Kind.CODE
DIMENSIONS: Mapping[str, tuple[Column, ...]] = {
    "day": (Column("business_date", Kind.DATE, "Business date", "营业日"),),
    "week": (Column("week", _C, "Week", "周"),),
    "month": (Column("month", _C, "Month", "月"),),
    "hour": (Column("hour", _C, "Hour", "小时"),),
    "weekday": (Column("weekday", _T, "Weekday", "星期", words=WEEKDAYS),),
    "brand": (Column("brand", _C, "Brand", "卡组织"),),
    "method": (Column("method", _T, "Method", "受理方式", words=METHODS),),
    "merchant": (
        Column("mid", _C, "MID", "商户号"),
        Column("merchant", _T, "Merchant", "商户"),
    ),
    "outlet": (
        Column("mid", _C, "MID", "商户号"),
        Column("merchant", _T, "Merchant", "商户"),
        Column("outlet", _T, "Outlet", "门店"),
    ),
    "terminal": (
        Column("mid", _C, "MID", "商户号"),
        Column("merchant", _T, "Merchant", "商户"),
        Column("tid", _C, "TID", "终端号"),
    ),
    "acquirer": (Column("acquirer", _C, "Acquirer", "收单通道"),),
}
"""The columns of each grouping; a grouping of two is written `weekday-hour`."""

SHARE = Column(
    "share", Kind.RATIO, "Share of gross", "占比",
    "gross of the row ÷ gross of all rows in its currency", "本行交易总额 ÷ 同币种全部行的交易总额",
)  # fmt: skip
LAST = Column("last_payment", Kind.MOMENT, "Last payment", "最近交易")
ONLINE = Column(
    "online_share", Kind.RATIO, "Online share", "在线率",
    "seconds online ÷ outlet hours", "在线秒数 ÷ 营业秒数",
    "seconds online are not recorded in this version", "本版本不记录在线时长",
)  # fmt: skip
_RATES = ("approval", "answer", "success", "first_attempt", "intent_success")

_ALL = (
    Definition(
        "R01", 1, "Business", "Daily summary", "日交易汇总",
        "what was sold, taken back and earned", "销售、撤销退款与净额",
        Source.SUMS, ("day", "week", "month", "merchant"),
        ("sales", "gross", "voids", "refunds", "net", "fees", "net_settlement", "ticket",
         "approval"),
    ),
    Definition(
        "R02", 1, "Business", "Transaction detail", "交易明细",
        "every transaction and what it counts", "逐笔交易及其计入金额",
        Source.LINES,
    ),
    Definition(
        "R03", 1, "Business", "Hours and weekdays", "时段分析",
        "when people pay", "何时成交", Source.SUMS, ("weekday-hour", "hour", "weekday"),
        ("sales", "gross", "ticket"), leading="gross",
    ),
    Definition(
        "R04", 1, "Business", "Payment methods", "支付方式",
        "how people pay", "如何支付", Source.SUMS, ("method-brand", "method", "brand"),
        ("sales", "gross", "fees", "effective", "approval"), also=(SHARE,), leading="gross",
    ),
    Definition(
        "R05", 2, "Business", "Outlets and terminals", "门店终端",
        "where people pay", "何处成交", Source.SUMS, ("outlet", "terminal", "merchant"),
        ("sales", "gross", "voids", "refunds", "net", "ticket", "approval"), also=(LAST, ONLINE),
    ),
    Definition(
        "R08", 1, "Operation", "Approval by acquirer", "通道批准率",
        "how acquirers answer", "各通道应答情况", Source.SUMS,
        ("acquirer", "acquirer-hour", "acquirer-brand", "acquirer-method"),
        ("attempts", "approved", "declined", "unknown", "failed", "refused", *_RATES),
        leading="approval", platform_only=True,
    ),
    Definition(
        "R09", 1, "Operation", "Decline reasons", "拒绝原因",
        "why payments were declined", "为何被拒绝", Source.REASONS,
    ),
    Definition(
        "R12", 1, "Operation", "Refunds and voids", "退款撤销",
        "what was given back, and of which payment", "退回的款项及其原交易", Source.TAKEN_BACK,
    ),
)  # fmt: skip

REPORTS: Mapping[str, Definition] = {one.code: one for one in _ALL}
"""Every report by its code."""

STATISTICS = Definition(
    "STAT", 1, "Business", "Statistics", "统计分析",
    "any grouping beside the period before", "任意维度与上期对比", Source.SUMS,
    ("day", "hour", "weekday", "brand", "method", "outlet", "terminal", "acquirer", "merchant"),
    ("sales", "gross", "net", "ticket", "attempts", "approval", "answer"), also=(SHARE,),
)  # fmt: skip
"""Not in the catalogue: what the page of statistics and /v1/statistics ask."""


def sum_columns(definition: Definition, by: str) -> tuple[Column, ...]:
    """Return the columns of a report of sums, grouped so."""
    leading = tuple(column for name in by.split("-") for column in DIMENSIONS[name])
    return (*leading, *(column_of(code) for code in definition.measures), *definition.also)
