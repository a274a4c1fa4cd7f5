"""A seed that breaks a promise, reduced: fewer minutes, fewer terminals, fewer fault decisions.

A core over world.py's `run_world`. What is kept is the list of decisions, since a seed alone means
something else once the code has changed. Halves first, then one by one, within a budget of runs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pointsman.sim.world.chance import Decision
from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.world import Options, run_world

RUNS_MAX = 120
MINUTES_LEAST_S = 15.0


@dataclass(frozen=True, slots=True)
class Reduced:
    """The smallest run found that still breaks the same promise."""

    plan: Plan
    decisions: tuple[Decision, ...]
    promise: str
    what: str
    runs: int

    def row(self) -> dict[str, object]:
        """Return it as JSON: enough to repeat it with `--only`."""
        return {
            "seed": self.plan.seed,
            "chaos_s": self.plan.chaos_s,
            "terminals": self.plan.terminals,
            "promise": self.promise,
            "what": self.what,
            "runs": self.runs,
            "decisions": [list(decision) for decision in self.decisions],
        }


Run = Callable[[Plan, Options], Outcome]


def shrink(plan: Plan, run: Run = run_world, runs_max: int = RUNS_MAX) -> Reduced | None:
    """Reduce a plan that fails; None where it does not fail."""
    search = _Search(run, runs_max)
    first = search.fails(plan, None)
    if first is None:
        return None
    plan = search.shorter(plan)
    plan = search.fewer_terminals(plan)
    outcome = search.fails(plan, None) or first
    decisions = search.fewer_decisions(plan, tuple(outcome.decisions))
    last = search.fails(plan, decisions) or outcome
    promise, what = last.violations[0]
    return Reduced(plan, decisions, promise, what, search.runs)


class _Search:
    """Runs with a budget; what fails with another promise does not count."""

    def __init__(self, run: Run, runs_max: int) -> None:
        self._run = run
        self._left = runs_max
        self._promise = ""
        self.runs = 0

    def fails(self, plan: Plan, decisions: tuple[Decision, ...] | None) -> Outcome | None:
        """Run once; return the outcome where the promise is broken."""
        if self._left <= 0:
            return None
        self._left -= 1
        self.runs += 1
        only = None if decisions is None else frozenset(decisions)
        outcome = self._run(plan, Options(only=only))
        if not outcome.violations:
            return None
        self._promise = self._promise or outcome.violations[0][0]
        broken = {promise for promise, _ in outcome.violations}
        return outcome if self._promise in broken else None

    def shorter(self, plan: Plan) -> Plan:
        """Halve the chaos while it still fails."""
        while plan.chaos_s / 2 >= MINUTES_LEAST_S:
            half = replace(plan, chaos_s=plan.chaos_s / 2)
            if self.fails(half, None) is None:
                break
            plan = half
        return plan

    def fewer_terminals(self, plan: Plan) -> Plan:
        """Halve the terminals while it still fails."""
        while plan.terminals > 1:
            half = replace(plan, terminals=plan.terminals // 2)
            if self.fails(half, None) is None:
                break
            plan = half
        return plan

    def fewer_decisions(self, plan: Plan, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
        """Leave out halves, quarters and so on down to single decisions."""
        size = max(len(decisions) // 2, 1)
        while decisions:
            at = 0
            while at < len(decisions):
                fewer = decisions[:at] + decisions[at + size :]
                if self.fails(plan, fewer) is None:
                    at += size
                else:
                    decisions = fewer
            if size == 1:
                break
            size //= 2
        return decisions
