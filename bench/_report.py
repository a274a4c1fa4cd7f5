"""What every measurement says of itself: name, date, command, repetitions, machine.

The same keys stand in front of every ``--json``; what was measured follows. Not a measurement.
"""

import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def head(measurement: str, argv: Sequence[str], n: int) -> dict[str, object]:
    """Return the keys that every report begins with; `n` is how often each figure was taken."""
    return {
        "measurement": measurement,
        "date": time.strftime("%Y-%m-%d"),
        "command": " ".join(("python -m bench", measurement, *argv)),
        "n": n,
        "machine": {
            "cores": os.cpu_count(),
            "processor": _processor(),
            "load_before": round(os.getloadavg()[0], 2),
            "python": sys.version.split()[0],
        },
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, lowest and highest."""
    return {
        "median": round(statistics.median(values), 2),
        "lowest": round(min(values), 2),
        "highest": round(max(values), 2),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return ""
