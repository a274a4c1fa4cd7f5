"""What a session counts is read back from the registry under the published names."""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.switch.linkmetrics import LinkMetrics


def test_a_link_counts_under_its_own_name() -> None:
    registry = CollectorRegistry()
    effects = Effects(now=lambda: datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC))
    link = LinkMetrics(Metrics(registry, ["alpha"]), "alpha", "alpha/1", effects)

    def value(name: str, **labels: str) -> float | None:
        labels = {"acquirer": "alpha", "link": "alpha/1"} | labels
        return registry.get_sample_value(f"pointsman_{name}", labels)

    assert value("link_up") == 0
    assert value("link_signed_on") == 0
    link.connected()
    link.signed_on(state=True)
    link.received(100)
    link.sent(80)
    link.message("in", "0210")
    link.message("out", "0999")
    link.answered(0.2)
    link.echoed(0.1)
    link.echo_missed()
    link.unmatched()
    assert value("link_up") == 1
    assert value("link_signed_on") == 1
    assert value("link_connects_total") == 1
    assert value("link_bytes_total", direction="in") == 100
    assert value("link_bytes_total", direction="out") == 80
    assert value("link_messages_total", direction="in", mti_class="02xx") == 1
    assert value("link_messages_total", direction="out", mti_class="other") == 1
    assert value("link_last_message_timestamp_seconds", direction="in") == 1_700_000_000
    assert value("link_echo_duration_seconds_count") == 1
    assert value("link_echo_failures_total") == 1
    assert value("link_unmatched_responses_total") == 1
    link.disconnected("closed by peer")
    assert value("link_up") == 0
    assert value("link_signed_on") == 0
    assert value("link_disconnects_total", reason="closed by peer") == 1
    count = registry.get_sample_value(
        "pointsman_upstream_duration_seconds_count", {"acquirer": "alpha"}
    )
    assert count == 1
