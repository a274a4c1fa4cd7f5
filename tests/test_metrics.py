"""Each process exports its own metrics, at 0 where the labels are known (metrics.py)."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from pointsman.metric_families import FAMILIES, Family
from pointsman.metrics import ClerkMetrics, Metrics, SupervisorMetrics

SERIES_MAX = 25_000
KINDS = (Metrics, ClerkMetrics, SupervisorMetrics)


def exported(registry: CollectorRegistry) -> set[str]:
    lines = generate_latest(registry).decode().splitlines()
    return {line.split()[2] for line in lines if line.startswith("# TYPE")}


def test_every_metric_of_the_table_is_exported_by_some_process() -> None:
    names: set[str] = set()
    for kind in KINDS:
        registry = CollectorRegistry()
        kind(registry, ["alpha"])
        names |= exported(registry)
    assert names == set(FAMILIES)


def test_configured_acquirers_are_there_at_nought() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, ["alpha"])
    labels = {
        "acquirer": "alpha",
        "transaction_type": "sale",
        "method": "chip",
        "outcome": "approved",
    }
    assert registry.get_sample_value("pointsman_requests_total", labels) == 0
    metrics.requests.labels("alpha", "sale", "chip", "approved").inc()
    assert registry.get_sample_value("pointsman_requests_total", labels) == 1
    depth = {"acquirer": "alpha", "kind": "reversal"}
    assert registry.get_sample_value("pointsman_saf_depth", depth) == 0


def test_acquirer_that_is_added_twice_keeps_its_count() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    labels = {"acquirer": "beta"}
    assert registry.get_sample_value("pointsman_in_flight_requests", labels) is None
    metrics.add_acquirer("beta")
    metrics.in_flight_requests.labels("beta").set(3)
    metrics.add_acquirer("beta")
    assert registry.get_sample_value("pointsman_in_flight_requests", labels) == 3


def test_eight_workers_with_eight_acquirers_stay_below_the_series_limit() -> None:
    registry = CollectorRegistry()
    Metrics(registry, [f"acquirer-{number}" for number in range(8)])
    lines = generate_latest(registry).decode().splitlines()
    series = sum(1 for line in lines if not line.startswith("#"))
    # One worker's; Prometheus holds those of all workers.
    assert series * 4 < SERIES_MAX


@pytest.mark.parametrize("name", FAMILIES)
def test_name_tells_unit_and_kind(name: str) -> None:
    family: Family = FAMILIES[name]
    assert name.startswith("pointsman_")
    assert name.endswith("_total") == (family.kind is Counter)
    assert bool(family.buckets) == (family.kind is not Counter and family.kind is not Gauge)
    assert not {"merchant", "mid", "terminal", "tid", "card", "rrn", "user"} & set(family.labels)
    assert family.help.endswith(".") or family.help.startswith("1;")
