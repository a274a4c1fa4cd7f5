"""What answers about reconciliations with acquirers and about long work are made of.

Plain values of the documents of reconciled.py. Days and their files are in shapes_days.py.
"""

from typing import Annotated

from msgspec import Meta

from pointsman.console.shapes import Day, Listed, Moment, Money, Shape

JobId = Annotated[str, Meta(examples=["job_06dwe00000e0000000000000a3"])]


class Counted(Shape, frozen=True):
    """How many, and their sum."""

    count: int
    sum: Money


class OurTotals(Shape, frozen=True):
    """Our figures of a settlement date; a void counts as a debit taken back."""

    debits: Counted
    voids: Counted
    credits: Counted
    inquiries: int
    holds: int
    net: Money


class Reconciliation(Shape, frozen=True):
    """A settlement date of an acquirer in one currency; `theirs` are its fields by number."""

    acquirer: str
    settlement_date: Day
    currency: Annotated[str, Meta(examples=["CNY"])]
    state: Annotated[str, Meta(examples=["balanced"])]
    ours: OurTotals | None
    theirs: dict[str, str]
    response_code: str | None
    attempts: int
    due: Moment
    answered: Moment | None


class Reconciliations(Listed, frozen=True, kw_only=True):
    """A page of reconciliations."""

    data: list[Reconciliation]


class Job(Shape, frozen=True):
    """Work that takes long; `result` is the address of what it makes."""

    id: JobId
    kind: Annotated[str, Meta(examples=["report_run"])]
    what: Annotated[str, Meta(examples=["R01"])]
    state: Annotated[str, Meta(examples=["done"])]
    result: Annotated[str, Meta(examples=["/v1/report_runs/run_06dwe00000e0000000000000a3"])]
    made_by: str
    created: Moment


class Jobs(Listed, frozen=True, kw_only=True):
    """A page of jobs."""

    data: list[Job]
