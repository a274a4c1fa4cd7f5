"""The HSM's counters are followed through its restarts (switch/hsmcounters.py)."""

from prometheus_client import CollectorRegistry

from pointsman.hsm.commands import Counters
from pointsman.metrics import SupervisorMetrics
from pointsman.switch.hsmcounters import HsmCounters


def counted(*calls: tuple[str, str, int]) -> Counters:
    return Counters(calls, keys_cached=0, mode="laboratory", started_s=0, lmk_kcv="000000")


def test_counts_grow_by_what_is_new_and_survive_a_restart_of_the_hsm() -> None:
    registry = CollectorRegistry()
    counters = HsmCounters("hsm-0", SupervisorMetrics(registry))

    def value(operation: str, result: str) -> float | None:
        labels = {"hsm": "hsm-0", "operation": operation, "result": result}
        return registry.get_sample_value("pointsman_hsm_served_total", labels)

    counters.take(counted(("outbound", "ok", 5), ("inbound", "refused", 1)))
    counters.take(counted(("outbound", "ok", 8), ("inbound", "refused", 1)))
    assert value("outbound", "ok") == 8
    assert value("inbound", "refused") == 1
    counters.take(counted(("outbound", "ok", 2)))  # it began anew, and has done two since
    assert value("outbound", "ok") == 10
