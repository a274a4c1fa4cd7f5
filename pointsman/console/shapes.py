"""What reading routes answer, as values from which OpenAPI is made; a test holds answers to them.

Plain values: each has exactly the members of the documents of payments.py, parties.py, days.py and
reporting.py. What bodies of requests say is in wants.py.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """A document with no members but its own."""


class Money(Shape, frozen=True):
    """Minor units of a currency, and the decimal text for people."""

    amount: int
    currency: str
    text: str


class Page(Shape, frozen=True):
    """Whether more follows, and the cursor of it."""

    has_more: bool
    next: str | None


class Card(Shape, frozen=True):
    """First six and last four digits."""

    masked: str
    last4: str
    brand: str


class MerchantName(Shape, frozen=True):
    """A merchant as a payment names it."""

    mid: str
    name: str


class Payment(Shape, frozen=True):
    """A payment as lists tell it."""

    id: str
    created: str
    business_date: str
    merchant: MerchantName
    terminal: str
    kind: str
    state: str
    amount: Money
    approved: Money
    refunded: Money
    method: str
    card: Card | None
    acquirer: str
    rrn: str
    stan: str
    batch: str
    approval_code: str
    response_code: str
    original: str | None


class Payments(Shape, frozen=True):
    """A page of payments."""

    data: list[Payment]
    page: Page
    as_of: str


class Batch(Shape, frozen=True):
    """A terminal's batch."""

    mid: str
    merchant_name: str
    terminal: str
    batch: str
    state: str
    opened: str
    closed: str | None
    result: str | None
    terminal_totals: dict[str, Any] | None  # Any: by type of card and kind
    journal_totals: dict[str, Any] | None
    currency: str | None
    business_date: str | None


class Batches(Shape, frozen=True):
    """A page of batches."""

    data: list[Batch]
    page: Page
    as_of: str


class Cycle(Shape, frozen=True):
    """A business day; counts over all merchants only for those who see them."""

    business_date: str
    state: str
    postings: int = 0
    open_items: int = 0
    files: int = 0


class Cycles(Shape, frozen=True):
    """A page of business days."""

    data: list[Cycle]
    page: Page
    as_of: str


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

    id: str
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


class Runs(Shape, frozen=True):
    """A page of runs."""

    data: list[Run]
    page: Page
    as_of: str


SHAPES: Mapping[str, type[Shape]] = {
    "/v1/payments": Payments,
    "/v1/batches": Batches,
    "/v1/settlement_cycles": Cycles,
    "/v1/reports": Catalogue,
    "/v1/reports/{report}": Definition,
    "/v1/reports/{report}/result": Result,
    "/v1/statistics": Result,
    "/v1/report_runs": Runs,
    "/v1/report_runs/{run_id}": Run,
}
"""What GET of each of these paths answers."""
