"""What each kind of process counts: one class a process, one attribute a metric.

An attribute is the metric's name in metric_families.py without `pointsman_`, `_total` and
`_seconds`. Counting is done where things happen. Each process serves its own registry, nothing is
added up across processes.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import get_type_hints

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from pointsman import __version__
from pointsman.metric_families import (
    CLOSED_SETS,
    FAMILIES,
    NO_ACQUIRER,
    Family,
    attribute_of,
)

_NAMES = {attribute_of(name): name for name in FAMILIES}


class _Registered:
    """Makes each annotated attribute from its row of `FAMILIES`, in `registry`."""

    build_info: Gauge

    def __init__(self, registry: CollectorRegistry, acquirers: Sequence[str] = ()) -> None:
        # A second series for each counter that tells when it was made: nothing here reads it.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call] # untyped there
        self._acquirers: set[str] = set()
        for attribute in get_type_hints(type(self)):
            name = _NAMES[attribute]
            family = FAMILIES[name]
            metric = _make(name, family, registry)
            setattr(self, attribute, metric)
            if "acquirer" not in family.labels:
                _create_children(metric, family, ())
        for acquirer in (NO_ACQUIRER, *acquirers):
            self.add_acquirer(acquirer)
        self.build_info.labels(__version__).set(1)

    def add_acquirer(self, acquirer: str) -> None:
        """Create at 0 what a newly configured acquirer will count; a second call does nothing."""
        if acquirer in self._acquirers:
            return
        self._acquirers.add(acquirer)
        for attribute in get_type_hints(type(self)):
            family = FAMILIES[_NAMES[attribute]]
            if family.labels[:1] == ("acquirer",):
                _create_children(getattr(self, attribute), family, (acquirer,))


def _make(name: str, family: Family, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    if family.kind is Histogram:
        return Histogram(
            name, family.help, family.labels, registry=registry, buckets=family.buckets
        )
    return family.kind(name, family.help, family.labels, registry=registry)


def _create_children(
    metric: Counter | Gauge | Histogram, family: Family, first: Iterable[str]
) -> None:
    """Create the children of a family all of whose labels are known; leave the others alone."""
    known = [(value,) for value in first] + [CLOSED_SETS[name] for name in family.sets]
    if known and len(known) == len(family.labels):
        for values in product(*known):
            metric.labels(*values)


class Metrics(_Registered):
    """What a worker counts."""

    requests: Counter
    declines: Counter
    responses: Counter
    in_flight_requests: Gauge
    amount_minor_units: Counter
    request_duration: Histogram
    upstream_duration: Histogram
    switch_duration: Histogram
    stage_duration: Histogram
    link_up: Gauge
    link_signed_on: Gauge
    link_last_message_timestamp: Gauge
    link_connects: Counter
    link_disconnects: Counter
    link_messages: Counter
    link_bytes: Counter
    link_echo_duration: Histogram
    link_echo_failures: Counter
    link_unmatched_responses: Counter
    terminals: Gauge
    terminal_connections: Gauge
    terminal_errors: Counter
    terminal_sign_ons: Counter
    saf_depth: Gauge
    saf_oldest_age: Gauge
    saf_sends: Counter
    reversals: Counter
    acquirer_reconciliations: Counter
    unknown_outcome_transactions: Gauge
    recovery_actions: Counter
    recovery_duration: Gauge
    hsm_up: Gauge
    hsm_operations: Counter
    hsm_operation_duration: Histogram
    mac_failures: Counter
    journal_commit_duration: Histogram
    journal_commits: Counter
    journal_records_per_commit: Histogram
    journal_sequence: Gauge
    db_connections: Gauge
    db_query_duration: Histogram
    config_last_reload_timestamp: Gauge


class ClerkMetrics(_Registered):
    """What the clerk counts; the owed queues here are those of the whole database."""

    saf_depth: Gauge
    saf_oldest_age: Gauge
    saf_parked: Gauge
    unknown_outcome_transactions: Gauge
    batches: Gauge
    event_days_ahead: Gauge
    settlement_last_success_timestamp: Gauge
    jobs: Counter
    job_duration: Histogram
    job_last_success_timestamp: Gauge
    job_interval: Gauge
    db_connections: Gauge
    key_expiry_timestamp: Gauge
    clock_offset: Gauge


class SupervisorMetrics(_Registered):
    """What the supervisor counts: its children, its listeners, the HSM's own figures."""

    process_up: Gauge
    process_starts: Counter
    worker_connections: Gauge
    connections_refused: Counter
    hsm_served: Counter
