"""What the smoke run has to prove, as checks over plain figures: each of them can fail.

A core. The figures come from the terminals' and acquirers' own ledgers, from the audit (audit.py)
and from what was killed; the run itself is smoke.py.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pointsman.sim.findings import Findings
from pointsman.sim.flow_names import Flow
from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, HostRow, Outcome
from pointsman.sim.moods import Behaviour
from pointsman.sim.terminal_rows import Asked, Entry, Kind, TerminalRow, Told, UndoTried

WITHIN_S: Final = 60.0
UNANSWERED: Final = "98"
FAULTS: Final[Mapping[Behaviour, Flow]] = MappingProxyType(
    {
        Behaviour.SILENT: Flow.SILENT,
        Behaviour.DELAY: Flow.DELAYED,
        Behaviour.LATE: Flow.LATE,
        Behaviour.TWICE: Flow.TWICE,
        Behaviour.DROP: Flow.DROPPED,
        Behaviour.BAD_MAC: Flow.WRONG_MAC,
        Behaviour.OTHER_AMOUNT: Flow.OTHER_AMOUNT,
    }
)
"""What hosts must have done to an approved request at least once, and the flow that asks for it."""
FALSE_REFUSALS: Final = ("03", "25", "97")
"""Terminals, merchants and originals of the run are all known to the switch: nobody earns these."""
KINDS: Final = (
    *(f"sale {entry.value}" for entry in Entry),
    Kind.VOID.value,
    Kind.REFUND.value,
)
"""What must have been approved at least once."""


@dataclass(slots=True)
class Events:
    """What happened in a run, beside the ledgers."""

    seconds: float = 0.0
    within_s: float = WITHIN_S  # a machine that is busy with other work may take longer
    worker_kills: list[int] = field(default_factory=list)  # worker numbers
    hsm_kills: int = 0
    postgres_kills: int = 0
    drained: bool = False
    parked: int = 0
    settle_twice_equal: bool = False
    settlement_balanced: bool = False
    leftover_processes: int = 0
    failure: str = ""


@dataclass(slots=True)
class Counts:
    """Figures from the ledgers alone."""

    approved: int = 0
    declined: int = 0
    told_98: int = 0
    reversed_at_acquirers: int = 0
    reversals_of_terminals: int = 0
    behaviours: Counter[str] = field(default_factory=Counter)  # of approved requests
    by_kind: Counter[str] = field(default_factory=Counter)
    by_flow: dict[str, Counter[str]] = field(default_factory=dict)
    by_code: Counter[str] = field(default_factory=Counter)
    at_acquirers: Counter[str] = field(default_factory=Counter)

    @property
    def false_refusals(self) -> int:
        """How often a known terminal, merchant or original was told that it is not known."""
        return sum(self.by_code[code] for code in FALSE_REFUSALS)


def count(terminals: Iterable[TerminalRow], acquirers: Iterable[Iterable[HostRow]]) -> Counts:
    """Add up the rows of all ledgers."""
    counts = Counts()
    asked: dict[tuple[str, str, str, str], Asked] = {}
    for row in terminals:
        match row:
            case Asked():
                asked[row.mid, row.tid, row.batch, row.stan] = row
            case Told():
                request = asked[row.mid, row.tid, row.batch, row.stan]
                _count_told(counts, request, row)
            case UndoTried():
                counts.reversals_of_terminals += row.settled
            case _:
                pass
    for rows in acquirers:
        for host_row in rows:
            if isinstance(host_row, HostReversal):
                counts.reversed_at_acquirers += host_row.effect is Effect.UNDONE
                counts.at_acquirers[f"reversal {host_row.effect.value}"] += 1
            elif isinstance(host_row, HostRequest):
                counts.at_acquirers[f"request {host_row.outcome.value}"] += 1
                counts.behaviours[host_row.behaviour] += host_row.outcome is Outcome.APPROVED
    return counts


def checks(counts: Counts, findings: Findings, events: Events, workers: int) -> dict[str, bool]:
    """Return every check by name, true where it holds."""
    return {
        "no_failure": not events.failure,
        "every_kind_approved": all(counts.by_kind[kind] for kind in KINDS),
        "every_fault_met": all(counts.behaviours[behaviour] for behaviour in FAULTS),
        "declined": counts.declined > 0,
        "wrong_pin_declined": counts.by_code["55"] > 0,
        "silence_answered_98": counts.told_98 > 0,
        "no_false_refusals": not counts.false_refusals,
        "silence_reversed": counts.reversed_at_acquirers > 0,
        "every_worker_killed": set(events.worker_kills) == set(range(workers)),
        "hsm_killed": events.hsm_kills > 0,
        "drained": events.drained,
        "nothing_parked": events.parked == 0,
        **{f"no_{name}": number == 0 for name, number in findings.faults.items()},
        "batches_closed": findings.settlements > 0,
        "something_settled": findings.terminals_minor > 0,
        "three_counts_equal": findings.balanced,
        "settlement_balanced": events.settlement_balanced,
        "settle_twice_equal": events.settle_twice_equal,
        "nothing_left_running": events.leftover_processes == 0,
        "in_time": events.seconds < events.within_s,
    }


def report(
    counts: Counts, findings: Findings, events: Events, workers: int, seed: int
) -> dict[str, object]:
    """Return the one object that the smoke run prints."""
    held = checks(counts, findings, events, workers)
    failed = sorted(name for name, holds in held.items() if not holds)
    failure = events.failure or ("these checks failed: " + ", ".join(failed) if failed else "")
    return {
        "ok": all(held.values()),
        "seconds": round(events.seconds, 1),
        "seed": seed,
        "approved": counts.approved,
        "declined": counts.declined,
        "reversed": counts.reversed_at_acquirers,
        "told_98": counts.told_98,
        "false_refusals": counts.false_refusals,
        **findings.faults,
        "worker_kills": len(events.worker_kills),
        "hsm_kills": events.hsm_kills,
        "postgres_kills": events.postgres_kills,
        "settled_minor": {
            "terminals": findings.terminals_minor,
            "journal": findings.journal_minor,
            "acquirers": findings.acquirers_minor,
        },
        "settle_twice_equal": events.settle_twice_equal,
        "leftover_processes": events.leftover_processes,
        "terminal_reversals": counts.reversals_of_terminals,
        "behaviours": dict(sorted(counts.behaviours.items())),
        "batches_closed": findings.settlements,
        "by_kind": dict(sorted(counts.by_kind.items())),
        "by_flow": {name: dict(found) for name, found in sorted(counts.by_flow.items())},
        "by_code": dict(sorted(counts.by_code.items())),
        "at_acquirers": dict(sorted(counts.at_acquirers.items())),
        "failed_checks": failed,
        "where": findings.names,
        "failure": failure,
    }


def net_minor(settled: Sequence[Mapping[str, object]]) -> int:
    """Return the journal's own sum out of the currencies of a settlement's summary."""
    total = 0
    for row in settled:
        amount = row["net_minor"]
        assert isinstance(amount, int)
        total += amount
    return total


def _count_told(counts: Counts, request: Asked, told: Told) -> None:
    flow = counts.by_flow.setdefault(request.flow, Counter())
    counts.by_code[told.code] += 1
    if told.code == UNANSWERED:
        counts.told_98 += 1
        flow["unknown"] += 1
    elif told.approved:
        counts.approved += 1
        flow["approved"] += 1
        sale = request.what is Kind.SALE
        counts.by_kind[f"sale {request.entry.value}" if sale else request.what.value] += 1
    else:
        counts.declined += 1
        flow["declined"] += 1
