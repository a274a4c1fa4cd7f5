"""What answers about business days and the open one's figures are made of.

Plain values of the documents of days.py. Payments and batches are in shapes_payments.py.
"""

from msgspec import UNSET, UnsetType

from pointsman.console.shapes import Day, Listed, Mid, Moment, Money, Shape


class Cycle(Shape, frozen=True):
    """A business day; counts over all merchants only for those who see them."""

    business_date: Day
    state: str
    postings: int | UnsetType = UNSET
    open_items: int | UnsetType = UNSET
    files: int | UnsetType = UNSET


class Cycles(Listed, frozen=True, kw_only=True):
    """A page of business days."""

    data: list[Cycle]


class CyclePart(Shape, frozen=True):
    """What a day posted of one kind."""

    kind: str
    count: int
    sum: Money


class MerchantCycle(Shape, frozen=True):
    """What a day posted of one merchant; its parts add up to the net."""

    mid: Mid
    name: str
    currency: str
    parts: list[CyclePart]
    net: Money


class DayFile(Shape, frozen=True):
    """A file of a day."""

    name: str
    sha256: str
    size_bytes: int


class CycleDetail(Shape, frozen=True):
    """One business day."""

    business_date: Day
    state: str
    provisional: bool
    merchants: list[MerchantCycle]
    net: list[Money]
    fees: None
    payout: None
    missing: str
    files: list[DayFile]


class DayMoney(Shape, frozen=True):
    """What was sold today in one currency."""

    gross: Money
    voids_and_refunds: Money
    net: Money
    sales: int
    ticket: Money | None


class Rates(Shape, frozen=True):
    """Counts of attempts by state; rates in basis points, null where nothing was counted."""

    counts: dict[str, int]
    approval_bp: int | None
    answer_bp: int | None


class AcquirerRates(Rates, frozen=True, kw_only=True):
    """The same of one acquirer, and its approval rate of this hour beside that a week ago."""

    name: str
    hour_approval_bp: int | None
    week_ago_approval_bp: int | None


class Overview(Shape, frozen=True):
    """How the open business day goes."""

    money: list[DayMoney]
    attempts: Rates
    zone: str
    business_date: Day | None
    as_of: Moment
    acquirers: list[AcquirerRates] | UnsetType = UNSET
