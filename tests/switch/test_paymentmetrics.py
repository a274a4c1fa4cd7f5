"""What is counted of a payment: by whom, of what kind, how long, how much."""

from prometheus_client import CollectorRegistry

from pointsman.metrics import Metrics
from pointsman.store.records import State
from pointsman.switch.paymentmetrics import Kind, PaymentMetrics

APPROVED = Kind("alpha", "sale", "chip", State.APPROVED, "156")
DECLINED = Kind("alpha", "sale", "chip", State.DECLINED, "156")


def counted() -> tuple[PaymentMetrics, CollectorRegistry]:
    registry = CollectorRegistry()
    return PaymentMetrics(Metrics(registry, ["alpha"])), registry


def requests(registry: CollectorRegistry, outcome: str) -> float | None:
    return registry.get_sample_value(
        "pointsman_requests_total",
        {"acquirer": "alpha", "transaction_type": "sale", "method": "chip", "outcome": outcome},
    )


def test_each_payment_counts_once_by_what_came_of_it() -> None:
    metrics, registry = counted()
    for kind in (APPROVED, APPROVED, DECLINED):
        metrics.ended(kind, 0.03, 0.02, 0)
    assert (requests(registry, "approved"), requests(registry, "declined")) == (2, 1)


def test_the_amount_is_that_of_what_was_approved() -> None:
    metrics, registry = counted()
    metrics.ended(APPROVED, 0.03, 0.02, 1250)
    metrics.ended(DECLINED, 0.03, 0.02, 0)
    labels = {"acquirer": "alpha", "currency": "156", "outcome": "approved"}
    assert registry.get_sample_value("pointsman_amount_minor_units_total", labels) == 1250
    labels["outcome"] = "declined"
    assert not registry.get_sample_value("pointsman_amount_minor_units_total", labels)


def test_the_switchs_own_time_is_without_the_acquirers() -> None:
    metrics, registry = counted()
    metrics.ended(APPROVED, 0.5, 0.25, 0)
    assert registry.get_sample_value("pointsman_switch_duration_seconds_sum") == 0.25


def test_an_answer_counts_by_its_code_and_none_by_its_absence() -> None:
    metrics, registry = counted()
    for code in ("00", "00", ""):
        metrics.answered("alpha", code)
    for code, count in (("00", 2), ("none", 1)):
        labels = {"acquirer": "alpha", "response_code": code}
        assert registry.get_sample_value("pointsman_responses_total", labels) == count


def test_requests_in_flight_go_up_and_down() -> None:
    metrics, registry = counted()
    metrics.in_flight("alpha").inc()
    metrics.in_flight("alpha").inc()
    metrics.in_flight("alpha").dec()
    labels = {"acquirer": "alpha"}
    assert registry.get_sample_value("pointsman_in_flight_requests", labels) == 1
