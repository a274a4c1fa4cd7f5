"""Depth, age and reasons of what is owed, read back from the registry."""

from dataclasses import replace

from prometheus_client import CollectorRegistry

from pointsman.metrics import Metrics
from pointsman.store.records import Owed, OwedState, State
from pointsman.switch.owedmetrics import FORGET_S, OwedMetrics
from tests.switch.owed_house import transaction


def row(number: int, *, kind: str = "reversal", age_s: int = 0, reason: str = "98") -> Owed:
    original = transaction(None, id_=number.to_bytes(16, "big"))
    return Owed(original.id, kind, original, OwedState.DUE, reason, 0, "", "", age_s)


class Read:
    """Metrics and what they show."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.owed = OwedMetrics(Metrics(self.registry, ["alpha"]), "alpha", 300.0)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"pointsman_{name}", {"acquirer": "alpha"} | labels)


def test_depth_and_age_are_of_all_that_was_seen_and_not_finished() -> None:
    it = Read()
    approved = row(3)
    approved = replace(approved, original=replace(approved.original, state=State.APPROVED))
    it.owed.seen([row(1, age_s=10), row(2, kind="advice", age_s=40), approved], set(), 100.0)
    it.owed.seen([], set(), 120.0)
    assert it.value("saf_depth", kind="reversal") == 2
    assert it.value("saf_depth", kind="advice") == 1
    assert it.value("saf_oldest_age_seconds", kind="reversal") == 30
    assert it.value("saf_oldest_age_seconds", kind="advice") == 60
    assert it.value("unknown_outcome_transactions") == 2
    it.owed.over(row(1))
    it.owed.over(row(2))
    it.owed.seen([], set(), 130.0)
    assert it.value("saf_depth", kind="reversal") == 1
    assert it.value("saf_oldest_age_seconds", kind="advice") == 0


def test_what_somebody_else_ended_is_forgotten_unless_it_is_on_its_way() -> None:
    it = Read()
    it.owed.seen([row(1), row(2)], set(), 0.0)
    it.owed.seen([], {row(2).id}, FORGET_S + 1)
    assert it.value("saf_depth", kind="reversal") == 1


def test_reasons_are_a_closed_set() -> None:
    it = Read()
    it.owed.arose(row(1, reason="98"))
    it.owed.arose(row(2, reason="ZZ"))
    it.owed.arose(row(3, kind="advice"))
    it.owed.sent(row(1), "acknowledged")
    it.owed.mac_failed()
    assert it.value("reversals_total", reason="98") == 1
    assert it.value("reversals_total", reason="other") == 1
    assert it.value("reversals_total", reason="ZZ") is None
    assert it.value("saf_sends_total", kind="reversal", result="acknowledged") == 1
    assert it.value("mac_failures_total", side="host") == 1
