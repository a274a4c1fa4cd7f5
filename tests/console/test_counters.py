"""Counters: every series that can be known beforehand is there at 0, and no label is a person."""

from prometheus_client import CollectorRegistry, generate_latest

from pointsman.console.counters import ConsoleMetrics


def test_what_can_be_known_is_there_at_naught() -> None:
    metrics = ConsoleMetrics(CollectorRegistry())
    text = generate_latest(metrics.registry).decode()
    assert 'pointsman_logins_total{result="refused"} 0.0' in text
    assert 'pointsman_http_rate_limited_total{policy="sign_in"} 0.0' in text
    assert "pointsman_audit_chain_breaks_total 0.0" in text
    assert 'pointsman_report_runs_total{result="failed"} 0.0' in text


async def test_a_path_that_somebody_typed_is_no_label() -> None:
    metrics = ConsoleMetrics(CollectorRegistry())
    metrics.requests.labels("none", "4xx").inc()
    labels = {
        name
        for family in metrics.registry.collect()
        for sample in family.samples
        for name in sample.labels
    }
    assert labels <= {"route", "status_class", "policy", "result", "le", "resource", "kind"}
