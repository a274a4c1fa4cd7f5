"""The measures: code, name in both languages, formula in words, and the value from sums.

One table for every report, page and answer of the API. An empty denominator gives None, shown as a
dash; a figure that a part not built yet would provide gives its reason. Sums are in sums.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from pointsman.reports.sums import Sums

Value = int | Fraction | None


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    CODE = "code"  # an identifier: never grouped, never a number
    DATE = "date"
    MOMENT = "moment"
    COUNT = "count"
    MONEY = "money"  # minor units of the row's currency, whole or a fraction
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; `missing` tells why it has no value in this version."""

    code: str
    kind: Kind
    en: str
    zh: str
    formula_en: str
    formula_zh: str
    value: Callable[[Sums], Value]
    missing_en: str = ""
    missing_zh: str = ""


def ratio(part: int, whole: int) -> Fraction | None:
    """Return part ÷ whole, or None where there is nothing to divide by."""
    return Fraction(part, whole) if whole else None


def growth(this: Value, before: Value) -> Fraction | None:
    """Return (this − before) ÷ before."""
    if this is None or not before:
        return None
    return (Fraction(this) - before) / Fraction(before)


_NO_FEES = ("fees are not part of this version", "本版本不含手续费")
_COUNT, _MONEY, _RATIO = Kind.COUNT, Kind.MONEY, Kind.RATIO

_ALL = (
    Measure(
        "sales", _COUNT, "Payments", "笔数",
        "number of payments in gross", "计入交易总额的笔数", lambda s: s.sales,
    ),
    Measure(
        "gross", _MONEY, "Gross", "交易总额",
        "Σ approved sales and completions with tips; reversed ones left out",
        "Σ 已批准的消费与预授权完成（含小费），已冲正的不计", lambda s: s.gross_minor,
    ),
    Measure(
        "voids", _MONEY, "Voids", "撤销",
        "Σ sales voided before their batch was closed", "Σ 批结算前撤销的消费",
        lambda s: s.voids_minor,
    ),
    Measure(
        "voids_count", _COUNT, "Voids (number)", "撤销笔数",
        "number of approved voids", "已批准的撤销笔数", lambda s: s.voids,
    ),
    Measure(
        "refunds", _MONEY, "Refunds", "退款",
        "Σ approved refunds − reversed refunds", "Σ 已批准退款 − 已冲正退款",
        lambda s: s.refunds_minor,
    ),
    Measure(
        "refunds_count", _COUNT, "Refunds (number)", "退款笔数",
        "number of approved refunds", "已批准的退款笔数", lambda s: s.refunds,
    ),
    Measure(
        "net", _MONEY, "Net", "净交易额",
        "gross − voids − refunds", "交易总额 − 撤销 − 退款", lambda s: s.net_minor,
    ),
    Measure(
        "ticket", _MONEY, "Average ticket", "客单价",
        "gross ÷ payments", "交易总额 ÷ 笔数", lambda s: ratio(s.gross_minor, s.sales),
    ),
    Measure(
        "attempts", _COUNT, "Attempts", "请求数",
        "requests for sales and completions; repeats of the same message left out",
        "消费与预授权完成的请求数，同一报文的重发不计", lambda s: s.attempts,
    ),
    Measure(
        "approved", _COUNT, "Approved", "已批准",
        "attempts that were approved", "获批准的请求数", lambda s: s.approved,
    ),
    Measure(
        "declined", _COUNT, "Declined", "已拒绝",
        "attempts that the acquirer or issuer declined", "收单通道或发卡方拒绝的请求数",
        lambda s: s.declined,
    ),
    Measure(
        "unknown", _COUNT, "No valid answer", "无有效应答",
        "attempts that were sent and had no valid answer in time",
        "已发送但未按时得到有效应答的请求数",
        lambda s: s.unknown,
    ),
    Measure(
        "failed", _COUNT, "Errors", "失败",
        "attempts that could not be sent", "未能发送的请求数", lambda s: s.failed,
    ),
    Measure(
        "refused", _COUNT, "Refused here", "本系统拒绝",
        "attempts that our own rules refused", "被本系统规则拒绝的请求数", lambda s: s.refused,
    ),
    Measure(
        "approval", _RATIO, "Approval rate", "批准率",
        "approved ÷ (approved + declined), attempts", "已批准 ÷（已批准 + 已拒绝），按请求计",
        lambda s: ratio(s.approved, s.answered),
    ),
    Measure(
        "answer", _RATIO, "Answer rate", "应答率",
        "(approved + declined) ÷ (approved + declined + no valid answer + errors)",
        "（已批准 + 已拒绝）÷（已批准 + 已拒绝 + 无有效应答 + 失败）",
        lambda s: ratio(s.answered, s.answered + s.unknown + s.failed),
    ),
    Measure(
        "success", _RATIO, "Success rate", "成功率",
        "approved ÷ attempts that our own rules did not refuse",
        "已批准 ÷ 未被本系统规则拒绝的请求数",
        lambda s: ratio(s.approved, s.attempts - s.refused),
    ),
    Measure(
        "first_attempt", _RATIO, "First-attempt approval", "首次批准率",
        "intents approved on their first try ÷ intents; an intent is one terminal, amount and card"
        " within ten minutes, until it is approved",
        "首次即获批准的意图 ÷ 意图；意图：十分钟内同一终端、金额、卡，直至获批准",
        lambda s: ratio(s.first_intents, s.intents),
    ),
    Measure(
        "intent_success", _RATIO, "Intent success", "最终成功率",
        "intents with an approval ÷ intents", "最终获批准的意图 ÷ 意图",
        lambda s: ratio(s.won_intents, s.intents),
    ),
    Measure(
        "timeout_rate", _RATIO, "Timeout rate", "超时率",
        "no valid answer ÷ sent", "无有效应答 ÷ 已发送",
        lambda s: ratio(s.unknown, s.answered + s.unknown),
    ),
    Measure(
        "refund_rate", _RATIO, "Refund rate", "退款率",
        "refunds ÷ gross, of the period", "退款 ÷ 交易总额，按期间计",
        lambda s: ratio(s.refunds_minor, s.gross_minor),
    ),
    Measure(
        "fees", _MONEY, "Fees", "手续费净额",
        "Σ fee − Σ returned fee", "Σ 手续费 − Σ 退回手续费", lambda _: None, *_NO_FEES,
    ),
    Measure(
        "effective", _RATIO, "Effective rate", "综合费率",
        "fees ÷ net", "手续费 ÷ 净交易额", lambda _: None, *_NO_FEES,
    ),
    Measure(
        "net_settlement", _MONEY, "Net settlement", "应结",
        "net − fees − disputes − reserve − other", "净交易额 − 手续费 − 拒付 − 保证金 − 其他",
        lambda _: None, *_NO_FEES,
    ),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.code: measure for measure in _ALL}
"""Every measure by its code."""
