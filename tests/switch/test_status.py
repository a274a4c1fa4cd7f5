"""What is told of the house survives its file, and Prometheus finds every process (status.py)."""

import json

from pointsman.config import parse
from pointsman.switch.status import (
    HouseState,
    ListenerStatus,
    ProcessState,
    ProcessStatus,
    Status,
    decode,
    encode,
    targets,
)


def test_status_reads_back_as_it_was_written() -> None:
    status = Status(
        state=HouseState.READY,
        pid=17,
        version="0.1.0",
        data="/srv/pointsman",
        written_at="2026-01-01T00:00:00+00:00",
        listeners=[ListenerStatus("terminals", "127.0.0.1", 8583, 3)],
        processes=[ProcessStatus("worker-0", ProcessState.WAITING, None, 2, -9, 3, 9583)],
        metrics_host="127.0.0.1",
        metrics_port=9582,
    )
    assert decode(encode(status)) == status


def test_targets_name_every_process_that_serves_metrics() -> None:
    config = parse("[workers]\ncount = 3\n[metrics]\nclerk = 0\n", {})
    found = {group["labels"]["process"]: group["targets"] for group in json.loads(targets(config))}
    assert found == {
        "console": ["127.0.0.1:8580"],
        "supervisor": ["127.0.0.1:9582"],
        "worker-0": ["127.0.0.1:9583"],
        "worker-1": ["127.0.0.1:9584"],
        "worker-2": ["127.0.0.1:9585"],
    }
