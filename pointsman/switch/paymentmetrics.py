"""What is counted of a payment when it ends, with the labels of each kind bound once.

Finding a metric by its labels costs as much as counting; the kinds of payments are few. Names are
those of metric_families.py, the values come from conductor.py.
"""

from dataclasses import dataclass

from msgspec import Struct
from prometheus_client import Counter, Gauge, Histogram

from pointsman.metrics import Metrics
from pointsman.store.records import State
from pointsman.switch import responses


class Kind(Struct, frozen=True):
    """What payments are told apart by: acquirer, label of the flow, method, and what came of it."""

    acquirer: str
    label: str
    method: str
    state: State
    currency: str


@dataclass(frozen=True, slots=True)
class _Bound:
    requests: Counter
    duration: Histogram
    amount: Counter | None  # of what was approved alone


class PaymentMetrics:
    """The counters of payments; one for each conductor."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._bound: dict[Kind, _Bound] = {}
        self._responses: dict[tuple[str, str], Counter] = {}
        self._in_flight: dict[str, Gauge] = {}

    def ended(self, kind: Kind, total_s: float, host_s: float, approved_minor: int) -> None:
        """Count a payment that has its answer, or will get none."""
        bound = self._bound.get(kind)
        if bound is None:
            bound = self._bound[kind] = self._bind(kind)
        bound.requests.inc()
        bound.duration.observe(total_s)
        self._metrics.switch_duration.observe(max(total_s - host_s, 0.0))
        if bound.amount is not None:
            bound.amount.inc(approved_minor)

    def answered(self, acquirer: str, code: str) -> None:
        """Count field 39 of an answer; empty where none was given."""
        child = self._responses.get((acquirer, code))
        if child is None:
            child = self._metrics.responses.labels(acquirer, code or "none")
            self._responses[acquirer, code] = child
        child.inc()

    def in_flight(self, acquirer: str) -> Gauge:
        """Return what counts the requests that this acquirer has not answered."""
        child = self._in_flight.get(acquirer)
        if child is None:
            child = self._in_flight[acquirer] = self._metrics.in_flight_requests.labels(acquirer)
        return child

    def _bind(self, kind: Kind) -> _Bound:
        metrics, outcome = self._metrics, responses.outcome_label(kind.state)
        return _Bound(
            metrics.requests.labels(kind.acquirer, kind.label, kind.method, outcome),
            metrics.request_duration.labels(kind.acquirer, kind.label),
            metrics.amount_minor_units.labels(kind.acquirer, kind.currency, outcome)
            if kind.state is State.APPROVED
            else None,
        )
