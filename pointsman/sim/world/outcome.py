"""What came of a run: the referee's judgement, coverage and figures, as one line.

A core. It reads the world's parts when the run is over and puts the journal into the plain words
that the referee takes. What is judged is referee.py and witness.py.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pointsman.sim.world import sinks
from pointsman.sim.world.chance import Decision
from pointsman.sim.world.referee import Referee
from pointsman.sim.world.testimony import JournalRow, PostedRow, Settlement

if TYPE_CHECKING:
    from pointsman.sim.world.world import World


@dataclass(slots=True)
class Outcome:
    """One run in figures."""

    seed: int
    simulated_s: float
    transactions: int
    messages: int
    crashes: int
    power_cuts: int
    converged_s: float
    faults: dict[str, int]
    violations: list[tuple[str, str]]
    trace_hash: str
    edges: Counter[str]
    rare: Counter[str]
    decisions: list[Decision]
    states: Counter[str]
    fault_states: Counter[str]
    kinds: Counter[str]
    back_s: float
    plan: dict[str, Any]  # the drawn figures, as JSON shows them
    lines: list[str] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def row(self) -> dict[str, object]:
        """Return the JSON line of a run."""
        kinds = Counter(promise for promise, _ in self.violations)
        return {
            "seed": self.seed,
            "simulated_s": round(self.simulated_s, 3),
            "wall_s": round(self.wall_s, 2),
            "cpu_s": round(self.cpu_s, 2),
            "transactions": self.transactions,
            "messages": self.messages,
            "crashes": self.crashes,
            "power_cuts": self.power_cuts,
            "converged_s": round(self.converged_s, 1),
            "back_s": round(self.back_s, 1),
            "faults": dict(sorted(self.faults.items())),
            "states": dict(sorted(self.states.items())),
            "edges": len(self.edges),
            "rare": dict(sorted(self.rare.items())),
            "violations": len(self.violations),
            "broken": dict(sorted(kinds.items())),
            "first": " ".join(self.violations[0]) if self.violations else "",
            "plan": self.plan,
            "trace_hash": self.trace_hash,
        }


def judged(world: "World", lines: list[str]) -> Outcome:
    """Judge a run that is over."""
    violations = list(world.witness.violations)
    if not world.converged:
        violations.append(("P3", "the house did not come to rest"))
    else:
        violations += Referee(
            world.terminal_rows_of(),
            {acquirer.name: acquirer.rows for acquirer in world.acquirers},
            [_journal_row(world, row) for row in world.db.transactions.values()],
            _settlement(world),
        ).judge()
    rows = (repr(row) for row in world.db.transactions.values())
    found = sinks.hits(lines) + sinks.hits(rows)
    violations += [("P11", "a secret in a sink")] * found
    plan = world.plan
    states = Counter(str(row["state"]) for row in world.db.transactions.values())
    return Outcome(
        seed=plan.seed,
        simulated_s=world.ended_at,
        transactions=len(world.db.transactions),
        messages=world.network.messages,
        crashes=world.crashes,
        power_cuts=sum(terminal.cuts for terminal in world.terminals),
        converged_s=world.converged_s,
        faults=dict(world.faults.counts),
        violations=violations,
        trace_hash=world.trace.hash,
        edges=world.witness.edges,
        rare=world.witness.rare,
        decisions=list(world.faults.struck),
        states=states,
        fault_states=world.witness.fault_states,
        kinds=Counter(str(row["kind"]) for row in world.db.transactions.values()),
        plan={
            "workers": plan.workers,
            "acquirers": len(plan.acquirers),
            "terminals": plan.terminals,
            "host_s": plan.timers.host_s,
            "mix": plan.mix,
        },
        lines=world.trace.lines,
        back_s=world.witness.back_s,
    )


def _journal_row(world: "World", row: dict[str, Any]) -> JournalRow:  # Any: a row of JSON
    id_ = bytes.fromhex(row["id"][2:])
    owed = world.db.owed.get(id_)
    name = (row["mid"], row["tid"], row["batch"], row["stan"])
    details = row["details"]
    return JournalRow(
        id=row["id"],
        name=name,
        kind=row["kind"],
        state=row["state"],
        undo=row["undo"],
        voiding=row["voiding"],
        amount_minor=row["amount_minor"],
        approved_minor=row["approved_minor"],
        refunded_minor=row["refunded_minor"],
        currency=row["currency"],
        rrn=row["rrn"],
        auth=row["auth_code"],
        acquirer=row["acquirer"],
        host_key=f"{details['host_time']}-{details['host_stan']}",
        original=row["original"] or "",
        owed="" if owed is None else owed.state.value,
        has_exception=(*name, "owed message refused") in world.db.exceptions,
    )


def _settlement(world: "World") -> Settlement:
    last = max(world.db.open_items, default=None)
    listed = {} if last is None else world.db.open_items[last]
    return Settlement(
        posted=tuple(
            PostedRow("\\x" + id_.hex(), kind, one.signed_minor, one.currency, one.day.isoformat())
            for (id_, kind), one in world.db.postings.items()
        ),
        files=world.clerk.files,
        open_ids=frozenset("\\x" + id_.hex() for id_ in listed),
    )
