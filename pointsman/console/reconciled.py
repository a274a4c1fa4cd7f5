"""What acquirers and we counted of their settlement dates, and long work, as the API tells them.

Reads alone; reconciliations are made by the worker that holds an acquirer's first link
(switch/reconciler.py), work that takes long is a run of a report (reporting.py, exports.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading
from pointsman.console.payments import Document, money, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.query import date_of
from pointsman.money import currency
from pointsman.store.reconciliations import AcquirerTotals

RUN: Final = "run"
JOB: Final = "job"
_STATES: Final[Mapping[str, str]] = {"waiting": "queued", "running": "running"}


class Reconciled:
    """Tells reconciliations and jobs."""

    def __init__(self, lists: ListReading) -> None:
        self._lists = lists

    async def reconciliations(self, ask: Ask) -> Document:
        """List what acquirers and we counted, newest settlement date first."""
        return await self._lists.page(ask, "reconciliations", shown_reconciliation)

    async def reconciliation(self, ask: Ask, acquirer: str, day: str, code: str) -> Document:
        """Tell one settlement date of an acquirer in one currency (ISO 4217 alphabetic)."""
        values = {"acquirer": acquirer, "day": date_of("settlement_date", day)}
        which = "r.acquirer = %(acquirer)s and r.settlement_date = %(day)s"
        for row in await self._lists.found(ask, "reconciliations", which, values):
            found = shown_reconciliation(row)
            if found["currency"] == code:
                return found
        raise Problem(Code.NOT_FOUND, "There is no such reconciliation.")

    async def jobs(self, ask: Ask) -> Document:
        """List work that takes long, newest first: each is a report that is made."""
        return await self._lists.page(ask, "jobs", shown_job)

    async def job(self, ask: Ask, job: str) -> Document:
        """Tell how one piece of work stands, and where its result is."""
        raw = ids.decode(JOB, job)
        if raw is not None:
            for row in await self._lists.found(ask, "jobs", "r.id = %(wanted)s", {"wanted": raw}):
                return shown_job(row)
        raise Problem(Code.NOT_FOUND, "There is no such job.")


def shown_reconciliation(row: Sequence[Any]) -> Document:
    """Return a reconciliation as the API tells it; `theirs` are the answer's fields by number."""
    acquirer, day, numeric, state, totals, theirs, attempts, code, due_at, answered_at = row
    return {
        "acquirer": acquirer,
        "settlement_date": day.isoformat(),
        "currency": currency(numeric).code,
        "state": state,
        "ours": None if totals is None else _ours(AcquirerTotals(**totals), numeric),
        "theirs": theirs,
        "response_code": code or None,
        "attempts": attempts,
        "due": time_text(due_at),
        "answered": None if answered_at is None else time_text(answered_at),
    }


def _ours(found: AcquirerTotals, numeric: str) -> Document:
    return {
        "debits": {"count": found.debit_count, "sum": money(found.debit_minor, numeric)},
        "voids": {"count": found.void_count, "sum": money(found.void_minor, numeric)},
        "credits": {"count": found.credit_count, "sum": money(found.credit_minor, numeric)},
        "inquiries": found.inquiry_count,
        "holds": found.hold_count,
        "net": money(found.net_minor, numeric),
    }


def shown_job(row: Sequence[Any]) -> Document:
    """Return a job as the API tells it; `result` is the address of what it makes."""
    raw, report, state, made_by, made_at = row
    return {
        "id": ids.encode(JOB, raw),
        "kind": "report_run",
        "what": report,
        "state": _STATES.get(state, "failed" if state == "failed" else "done"),
        "result": f"/v1/report_runs/{ids.encode(RUN, raw)}",
        "made_by": made_by,
        "created": time_text(made_at),
    }
