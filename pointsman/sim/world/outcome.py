"""What came of a run: the referee's judgement, coverage and figures, as one line.

A core. It reads the world's parts when the run is over and puts the journal into the plain words
that the referee takes. What is judged is referee.py and witness.py.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from pointsman.sim.items import Totals
from pointsman.sim.world import sinks
from pointsman.sim.world.batches import BatchEnd, Sides
from pointsman.sim.world.ceilings import Ceilings
from pointsman.sim.world.chance import Decision
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.referee import Referee
from pointsman.sim.world.rules import UNDONE, row_name
from pointsman.sim.world.scene import Scene
from pointsman.sim.world.site import PROVING
from pointsman.sim.world.testimony import JournalRow, PostedRow, Settlement
from pointsman.store.verbs import BatchTotals


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
    # Of the table of types, by dialect, and what of them was undone.
    rows: Counter[str] = field(default_factory=Counter)
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


def judged(scene: Scene, lines: list[str]) -> Outcome:
    """Judge a run that is over."""
    violations = list(scene.witness.violations)
    if not scene.converged:
        violations.append(("P3", "the house did not come to rest"))
    else:
        journal = [_journal_row(scene, row) for row in scene.db.transactions.values()]
        violations += Referee(
            scene.terminal_rows_of(),
            {acquirer.name: acquirer.rows for acquirer in scene.acquirers},
            journal,
            _settlement(scene),
            _ceilings(scene.plan),
        ).judge()
        over = frozenset(scene.clerk.files)
        violations += scene.batches.judge(_batch_ends(scene), journal, over, scene.clerk.files)
    rows = (repr(row) for row in scene.db.transactions.values())
    found = sinks.hits(lines) + sinks.hits(rows)
    violations += [("P11", "a secret in a sink")] * found
    plan = scene.plan
    states = Counter(str(row["state"]) for row in scene.db.transactions.values())
    return Outcome(
        seed=plan.seed,
        simulated_s=scene.ended_at,
        transactions=len(scene.db.transactions),
        messages=scene.network.messages,
        crashes=scene.crashes,
        power_cuts=sum(terminal.cuts for terminal in scene.terminals),
        converged_s=scene.converged_s,
        faults=dict(scene.faults.counts),
        violations=violations,
        trace_hash=scene.trace.hash,
        edges=scene.witness.edges,
        rare=scene.witness.rare,
        decisions=list(scene.faults.struck),
        states=states,
        fault_states=scene.witness.fault_states,
        kinds=Counter(str(row["kind"]) for row in scene.db.transactions.values()),
        rows=Counter(_rows(scene)),
        plan={
            "workers": plan.workers,
            "acquirers": len(plan.acquirers),
            "terminals": plan.terminals,
            "host_s": plan.timers.host_s,
            "mix": plan.mix,
        },
        lines=scene.trace.lines,
        back_s=scene.witness.back_s,
    )


def _rows(scene: Scene) -> Iterator[str]:
    """Yield the row of the table that each transaction is of, and again where it was undone."""
    abroad = {one.identity.tid for one in scene.terminals[: scene.plan.nii]}
    for row in scene.db.transactions.values():
        name = row_name(row["kind"], international=row["tid"] in abroad)
        yield name
        if row["undo"] == "done":
            yield name + UNDONE


def _journal_row(scene: Scene, row: dict[str, Any]) -> JournalRow:  # Any: a row of JSON
    id_ = bytes.fromhex(row["id"][2:])
    owed = scene.db.owed.get(id_)
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
        has_exception=(*name, "owed message refused") in scene.db.exceptions,
        day=row["business_date"],
        decided=scene.people.decided.get(id_, ""),
    )


def _batch_ends(scene: Scene) -> list[BatchEnd]:
    return [
        BatchEnd(name, row.result or "", None if row.journal is None else _sides(row.journal))
        for name, row in scene.db.batches.items()
    ]


def _sides(found: BatchTotals) -> Sides:
    sides = (found.domestic, found.foreign)
    domestic, foreign = (
        Totals(one.debit_minor, one.debit_count, one.credit_minor, one.credit_count)
        for one in sides
    )
    return domestic, foreign


def _ceilings(plan: Plan) -> Ceilings:
    limits = {one.name: getattr(plan.rules, one.name) for one in fields(plan.rules)}
    return Ceilings(limits, f"89810005331000{PROVING}", plan.listed_card)


def _settlement(scene: Scene) -> Settlement:
    last = max(scene.db.open_items, default=None)
    listed = {} if last is None else scene.db.open_items[last]
    return Settlement(
        posted=tuple(
            PostedRow("\\x" + id_.hex(), kind, one.signed_minor, one.currency, one.day.isoformat())
            for (id_, kind), one in scene.db.postings.items()
        ),
        files=scene.clerk.files,
        open_ids=frozenset("\\x" + id_.hex() for id_ in listed),
    )
