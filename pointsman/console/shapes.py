"""What answers are made of: money, pages, cards, reports; values from which OpenAPI is made.

Plain values: each has exactly the members of the documents that the functions of the API give, and
tests hold answers to them. Parties, payments, people and acts are in the
shapes_*.py beside it, which path answers what in answers.py. Bodies of requests are wants.py.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

Mid = Annotated[str, Meta(examples=["898100053310001"])]
Tid = Annotated[str, Meta(examples=["00000001"])]
Moment = Annotated[str, Meta(description="RFC 3339, UTC", examples=["2026-11-20T08:30:00.000Z"])]
Day = Annotated[str, Meta(description="YYYY-MM-DD", examples=["2026-11-20"])]
PaymentId = Annotated[str, Meta(examples=["pay_06dwe00000e0000000000000a1"])]
RunId = Annotated[str, Meta(examples=["run_06dwe00000e0000000000000a3"])]
OutletId = Annotated[str, Meta(examples=["out_06dwe00000e0000000000000a2"])]
Number = Annotated[str, Meta(examples=["000042"])]
UserId = Annotated[str, Meta(examples=["usr_06dwe00000e0000000000000a4"])]
RefundId = Annotated[str, Meta(examples=["ref_06dwe00000e0000000000000a5"])]
ApprovalId = Annotated[str, Meta(examples=["apr_06dwe00000e0000000000000a6"])]
KeyId = Annotated[str, Meta(examples=["key_06dwe00000e0000000000000a7"])]
ApplicationId = Annotated[str, Meta(examples=["app_06dwe00000e0000000000000a8"])]
OneTimeLink = Annotated[str, Meta(description="a path, told once", examples=["/welcome/x"])]


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """A document with no members but its own."""


class Money(Shape, frozen=True):
    """Minor units of a currency, and the decimal text for people."""

    amount: Annotated[int, Meta(examples=[4200])]
    currency: Annotated[str, Meta(examples=["CNY"])]
    text: Annotated[str, Meta(examples=["42.00"])]


class Page(Shape, frozen=True):
    """Whether more follows, and the cursors of the pages beside it."""

    has_more: bool
    next: str | None
    prev: str | None = None


class Total(Shape, frozen=True):
    """How many there are: exactly, or at least so many."""

    count: Annotated[int, Meta(examples=[128])]
    exact: bool


class Listed(Shape, frozen=True):
    """A page of a list; its rows are `data`."""

    page: Page
    as_of: Moment
    total: Total | UnsetType = UNSET


class Column(Shape, frozen=True):
    """A column of a report."""

    code: str
    kind: str
    title: str
    formula: str | None
    missing: str | None


class Definition(Shape, frozen=True):
    """A report of the catalogue."""

    report: str
    version: int
    group: str
    title: str
    about: str
    groupings: list[str]
    formats: list[str]
    columns: list[Column]


class Catalogue(Shape, frozen=True):
    """The reports that the caller may read."""

    data: list[Definition]
    page: Page


class Manifest(Shape, frozen=True):
    """What a made report says of itself."""

    report: str
    version: int
    parameters: dict[str, Any]  # Any: texts and lists of them
    zone: str
    rows: int
    control_totals: dict[str, dict[str, str]]
    sha256: str
    state: str
    adds_up: bool
    made_at: str
    made_by: str


class Result(Shape, frozen=True):
    """A made report; cells stand under their columns' codes."""

    report: str
    version: int
    title: str
    zone: str
    begin: str = field(name="from")
    to: str
    before: dict[str, str] | None
    columns: list[Column]
    rows: list[dict[str, Any]]  # Any: cells
    rows_total: int
    truncated: bool
    totals: list[dict[str, Any]]
    manifest: Manifest


class Run(Shape, frozen=True):
    """A run of a report or an export."""

    id: RunId
    report: str
    format: str
    parameters: dict[str, str]
    made_by: str
    made: str
    state: str
    manifest: dict[str, Any] | None  # Any: of a report, or of a list
    file: str | None
    file_name: str | None
    expires: str | None


class Runs(Listed, frozen=True, kw_only=True):
    """A page of runs."""

    data: list[Run]


class NewRun(Shape, frozen=True):
    """A run that was begun."""

    id: RunId
    state: str
    report: str
