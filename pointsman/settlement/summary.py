"""The summary of one day: for machines as plain values, for people as a table of text.

Both are made of the same sums (totals.py) and the same comparison of batches (batch.py). Amounts
are whole minor units for machines, decimal text for people.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pointsman.settlement import batch
from pointsman.settlement.totals import DayTotals, Group, Tally
from pointsman.store.day import FORCED, BatchClaim

_NO_NAME = "all"


def summary(day: date, totals: DayTotals, batches: Sequence[BatchClaim]) -> dict[str, object]:
    """Return the day as values that JSON can hold; lists are ordered."""
    forced = _count(batches, FORCED)  # named where there are any: older days keep their bytes
    return {
        "settlement_date": day.isoformat(),
        "currencies": _rows(totals.by_currency, None),
        "merchants": _rows(totals.by_merchant, "merchant"),
        "acquirers": _rows(totals.by_acquirer, "acquirer"),
        "open_items": _rows(totals.open_items, "reason"),
        "batches": {
            "closed": len(batches),
            "balanced": _count(batches, batch.BALANCED),
            "unbalanced": _count(batches, batch.UNBALANCED),
            "unclaimed": _count(batches, batch.UNCLAIMED),
            **({"forced": forced} if forced else {}),
            "terminals": _batch_sums(batches),
            "differing": [_differing(claim) for claim in batches if _differs(claim)],
        },
    }


def _rows(tallies: Mapping[Group, Tally], name: str | None) -> list[dict[str, object]]:
    return [
        {
            **({name: found_name} if name else {}),
            "currency": tally.currency.code,
            "count": tally.net.count,
            "net_minor": tally.net.minor,
            "by_type": {
                group: {"count": found.count, "minor": found.minor}
                for group, found in tally.by_type.items()
            },
        }
        for (found_name, _), tally in tallies.items()
    ]


def _count(batches: Iterable[BatchClaim], verdict: str) -> int:
    return sum(batch.verdict(claim) == verdict for claim in batches)


def _differs(claim: BatchClaim) -> bool:
    return batch.verdict(claim) == batch.UNBALANCED


def _differing(claim: BatchClaim) -> dict[str, object]:
    assert claim.claimed is not None
    return {
        "merchant": claim.mid,
        "terminal": claim.tid,
        "batch": claim.batch,
        "result": claim.result,
        "differences": [str(found) for found in batch.differences(claim.claimed, claim.journal)],
    }


def _batch_sums(batches: Iterable[BatchClaim]) -> dict[str, dict[str, int]]:
    """Return by currency what terminals claimed and what the journal has of the same batches."""
    sums: dict[str, dict[str, int]] = {}
    for claim in batches:
        found = sums.setdefault(claim.currency, {"terminal_minor": 0, "journal_minor": 0})
        if claim.claimed is not None:
            found["terminal_minor"] += batch.net_minor(claim.claimed)
            found["journal_minor"] += batch.net_minor(claim.journal)
    return dict(sorted(sums.items()))


def as_text(day: date, totals: DayTotals, batches: Sequence[BatchClaim]) -> str:
    """Return the day as a table for people."""
    parts = [
        f"Settlement of {day.isoformat()}\n",
        _table("Merchants", totals.by_merchant),
        _table("Acquirers", totals.by_acquirer),
        _table("Currencies", totals.by_currency),
        _table("Open, in no file", totals.open_items),
        _batches(batches),
    ]
    return "\n".join(parts)


def _table(title: str, tallies: Mapping[Group, Tally]) -> str:
    rows = [(title, "type", "count", "amount")]
    for (found_name, _), tally in tallies.items():
        name = found_name or _NO_NAME
        for group, found in tally.by_type.items():
            rows.append((name, group, str(found.count), tally.text(found)))
        net = f"{tally.text(tally.net)} {tally.currency.code}"
        rows.append((name, "net", str(tally.net.count), net))
    if len(rows) == 1:
        rows.append(("none", "", "", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "".join(
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip()
        + "\n"
        for row in rows
    )


def _batches(batches: Sequence[BatchClaim]) -> str:
    forced = _count(batches, FORCED)
    head = (
        f"Terminal batches: {len(batches)} closed, {_count(batches, batch.BALANCED)} balanced, "
        f"{_count(batches, batch.UNBALANCED)} unbalanced, "
        f"{_count(batches, batch.UNCLAIMED)} without a claim"
        f"{f', {forced} forced' if forced else ''}\n"
    )
    lines = [
        f"  {claim.mid} {claim.tid} {claim.batch} {claim.result}: {found}\n"
        for claim in batches
        if claim.claimed is not None
        for found in batch.differences(claim.claimed, claim.journal)
    ]
    return head + "".join(lines)
