"""The files of one closed day as bytes: merchants' lines, open items, batches, summary, manifest.

`day_files` is a function of what the store has fixed and of nothing else: no clock, no names that
may change, everything in order. So the same day gives the same bytes. Sums come from totals.py, the
summary's text from summary.py; writing to disk is in closing.py.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pointsman.money import Amount, currency
from pointsman.settlement import batch, summary
from pointsman.settlement.csv_text import Figure, csv_bytes
from pointsman.settlement.totals import DayTotals, add_up, day_totals, type_of
from pointsman.store.day import BatchClaim, FileRecord, OpenItem, PostedLine
from pointsman.store.verbs import SideTotals

MANIFEST = "manifest.json"

LINE_COLUMNS = (
    "record",  # D: one posting; T: a sum
    "settlement_date",
    "merchant",
    "terminal",
    "batch",
    "stan",
    "rrn",
    "approval_code",
    "card",  # masked
    "brand",
    "domestic",
    "type",
    "amount",  # signed: negative where the merchant pays
    "currency",
    "count",
    "method",
    "business_date",
    "local_date",
    "local_time",
    "acquirer",
    "acquirer_reference",
    "acquirer_date",
)
OPEN_COLUMNS = (
    "record",
    "settlement_date",
    "reason",
    "merchant",
    "terminal",
    "batch",
    "stan",
    "rrn",
    "card",
    "type",
    "amount",
    "currency",
    "count",
    "business_date",
    "acquirer",
)
_FIGURE_NAMES = {  # in files amounts are decimal text, not minor units
    "debit_minor": "debit_amount",
    "debit_count": "debit_count",
    "credit_minor": "credit_amount",
    "credit_count": "credit_count",
}
assert _FIGURE_NAMES.keys() == set(SideTotals.__slots__), "a figure without a column"
_FIGURES = tuple(f"{side}_{name}" for side in batch.SIDES for name in _FIGURE_NAMES.values())
BATCH_COLUMNS = (
    "merchant",
    "terminal",
    "batch",
    "currency",
    "comparison",
    "result",
    *(f"terminal_{name}" for name in _FIGURES),
    *(f"journal_{name}" for name in _FIGURES),
)
_SAFE_NAME = re.compile("[0-9A-Za-z]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """Everything that the store fixed when the day closed, in the store's order."""

    day: date
    lines: Sequence[PostedLine]
    open_items: Sequence[OpenItem]
    batches: Sequence[BatchClaim]


def day_files(closed: ClosedDay) -> dict[str, bytes]:
    """Return the day's files by name, the manifest last.

    Raises totals.ImbalanceError where two ways of adding up do not agree.
    """
    totals = day_totals(closed.lines, closed.open_items)
    files: dict[str, bytes] = {}
    for mid, lines in groupby(closed.lines, key=lambda line: line.mid):
        name = f"merchant-{_safe(mid)}.csv"
        assert name not in files, "lines come ordered by merchant"
        files[name] = _merchant_file(closed.day, mid, list(lines))
    files["open-items.csv"] = _open_file(closed, totals)
    files["batches.csv"] = _batch_file(closed.batches)
    found = summary.summary(closed.day, totals, closed.batches)
    files["summary.json"] = _json(found)
    files["summary.txt"] = summary.as_text(closed.day, totals, closed.batches).encode()
    files[MANIFEST] = _json(
        {
            "settlement_date": closed.day.isoformat(),
            "files": [
                {"name": one.name, "sha256": one.sha256, "size_bytes": one.size_bytes}
                for one in records(files)
            ],
        }
    )
    return files


def records(files: Mapping[str, bytes]) -> tuple[FileRecord, ...]:
    """Return name, SHA-256 and size of each file, by name."""
    return tuple(
        FileRecord(name, hashlib.sha256(files[name]).hexdigest(), len(files[name]))
        for name in sorted(files)
    )


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _safe(mid: str) -> str:
    """Return the MID as part of a file's name; one with odd characters is told in hex."""
    return mid if _SAFE_NAME.fullmatch(mid) else f"x{mid.encode().hex()}"


def _row(columns: tuple[str, ...], cells: Mapping[str, str]) -> list[str]:
    assert cells.keys() <= set(columns), "a cell without a column"
    return [cells.get(column, "") for column in columns]


def _money(minor: int, code: str) -> Figure:
    return Figure(Amount(minor, currency(code)).decimal_text())


def _merchant_file(day: date, mid: str, lines: Sequence[PostedLine]) -> bytes:
    rows: list[Sequence[str]] = [LINE_COLUMNS]
    rows.extend(_row(LINE_COLUMNS, _line_cells(day, line)) for line in lines)
    for (_, code), tally in add_up(lines, lambda _line: "").items():
        for group, found in (*tally.by_type.items(), ("total", tally.net)):
            trailer = {
                "record": "T",
                "settlement_date": day.isoformat(),
                "merchant": mid,
                "type": group,
                "amount": _money(found.minor, code),
                "currency": tally.currency.code,
                "count": str(found.count),
            }
            rows.append(_row(LINE_COLUMNS, trailer))
    return csv_bytes(rows)


def _line_cells(day: date, line: PostedLine) -> dict[str, str]:
    return {
        "record": "D",
        "settlement_date": day.isoformat(),
        "merchant": line.mid,
        "terminal": line.tid,
        "batch": line.batch,
        "stan": line.stan,
        "rrn": line.rrn,
        "approval_code": line.auth_code,
        "card": line.card,
        "brand": line.scheme,
        "domestic": "yes" if line.domestic else "no",
        "type": type_of(line),
        "amount": _money(line.signed_minor, line.currency),
        "currency": currency(line.currency).code,
        "count": "1",
        "method": line.method,
        "business_date": line.business_date.isoformat(),
        "local_date": line.local_date,
        "local_time": line.local_time,
        "acquirer": line.acquirer,
        "acquirer_reference": line.host_rrn,
        "acquirer_date": line.acquirer_date,
    }


def _open_file(closed: ClosedDay, totals: DayTotals) -> bytes:
    day = closed.day.isoformat()
    rows: list[Sequence[str]] = [OPEN_COLUMNS]
    for item in closed.open_items:
        cells = {
            "record": "D",
            "settlement_date": day,
            "reason": item.reason.value,
            "merchant": item.mid,
            "terminal": item.tid,
            "batch": item.batch,
            "stan": item.stan,
            "rrn": item.rrn,
            "card": item.card,
            "type": item.kind,
            "amount": _money(item.signed_minor, item.currency),
            "currency": currency(item.currency).code,
            "count": "1",
            "business_date": item.business_date.isoformat(),
            "acquirer": item.acquirer,
        }
        rows.append(_row(OPEN_COLUMNS, cells))
    for (reason, code), tally in totals.open_items.items():
        cells = {
            "record": "T",
            "settlement_date": day,
            "reason": reason,
            "amount": _money(tally.net.minor, code),
            "currency": tally.currency.code,
            "count": str(tally.net.count),
        }
        rows.append(_row(OPEN_COLUMNS, cells))
    return csv_bytes(rows)


def _batch_file(batches: Sequence[BatchClaim]) -> bytes:
    rows: list[Sequence[str]] = [BATCH_COLUMNS]
    for claim in batches:
        cells: dict[str, str] = {
            "merchant": claim.mid,
            "terminal": claim.tid,
            "batch": claim.batch,
            "currency": currency(claim.currency).code,
            "comparison": batch.verdict(claim),
            "result": claim.result,
        }
        for whose, found in (("terminal", claim.claimed), ("journal", claim.journal)):
            for side in batch.SIDES if found is not None else ():
                figures: SideTotals = getattr(found, side)
                for name, column in _FIGURE_NAMES.items():
                    value = getattr(figures, name)
                    text = _money(value, claim.currency) if "minor" in name else Figure(value)
                    cells[f"{whose}_{side}_{column}"] = text
        rows.append(_row(BATCH_COLUMNS, cells))
    return csv_bytes(rows)
