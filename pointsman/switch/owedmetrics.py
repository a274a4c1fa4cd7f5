"""What the sender of owed messages counts: depth, age, attempts, reasons.

Depth and age are of what this worker has seen and not finished; the clerk counts the whole
database. Nothing is decided here.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from pointsman.metrics import Metrics
from pointsman.store.records import Owed, State
from pointsman.switch.reversals import ReversalReason

KINDS: Final = ("reversal", "advice")
FORGET_S: Final = 900.0  # beyond the longest wait: the row was ended by somebody else
# Field 39 of a reversal comes from terminals too: a label must be of a closed set.
REASONS: Final = frozenset({*(reason.value for reason in ReversalReason), "96", "A0"})


@dataclass(frozen=True, slots=True)
class _Known:
    kind: str
    arose_at: float
    seen_at: float
    unknown: bool


class OwedMetrics:
    """The repair metrics of one acquirer in one worker; times are Trio times."""

    def __init__(self, metrics: Metrics, acquirer: str, retry_max_s: float) -> None:
        self._metrics = metrics
        self._acquirer = acquirer
        self._forget_s = max(FORGET_S, 2 * retry_max_s)
        self._known: dict[bytes, _Known] = {}

    def seen(self, rows: Sequence[Owed], busy: AbstractSet[bytes], now: float) -> None:
        """Take what is due now, and set the gauges."""
        for row in rows:
            unknown = row.original.state is State.UNKNOWN
            self._known[row.id] = _Known(row.kind, now - row.age_s, now, unknown)
        gone = [
            id_
            for id_, known in self._known.items()
            if now - known.seen_at > self._forget_s and id_ not in busy
        ]
        for id_ in gone:
            del self._known[id_]
        for kind in KINDS:
            ages = [now - known.arose_at for known in self._known.values() if known.kind == kind]
            self._metrics.saf_depth.labels(self._acquirer, kind).set(len(ages))
            self._metrics.saf_oldest_age.labels(self._acquirer, kind).set(max(ages, default=0))
        in_doubt = sum(known.unknown for known in self._known.values())
        self._metrics.unknown_outcome_transactions.labels(self._acquirer).set(in_doubt)

    def arose(self, row: Owed) -> None:
        """Count a reversal at its first attempt, by reason."""
        if row.kind == "reversal":
            reason = row.reason if row.reason in REASONS else "other"
            self._metrics.reversals.labels(self._acquirer, reason).inc()

    def sent(self, row: Owed, result: str) -> None:
        """Count an attempt by its result."""
        self._metrics.saf_sends.labels(self._acquirer, row.kind, result).inc()

    def over(self, row: Owed) -> None:
        """Forget a row that is done or parked."""
        self._known.pop(row.id, None)

    def mac_failed(self) -> None:
        """Count an answer whose MAC was wrong or absent."""
        self._metrics.mac_failures.labels("host", self._acquirer).inc()
