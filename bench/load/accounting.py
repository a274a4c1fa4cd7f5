"""CPU and memory of processes as the kernel accounts them, and what a worker's metrics tell.

Read from /proc: user and system ticks, resident pages. Nothing is estimated.
"""

import contextlib
import os
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def processes() -> Iterator[tuple[int, int, list[str]]]:
    """Yield every process: its id, its parent's, its command line."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                yield int(entry.name), int(stat[1]), words


def cpu_s(pids: Sequence[int], *, with_children: bool = False) -> float:
    """Return CPU seconds of these processes, living and reaped children too where asked."""
    wanted = set(pids)
    if with_children:
        wanted |= {pid for pid, parent, _ in processes() if parent in wanted}
    total = 0
    for pid in wanted:
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(stat[11]) + int(stat[12])
            if pid in pids and with_children:
                total += int(stat[13]) + int(stat[14])
    return total / TICKS


def waited_s(pids: Sequence[int], *, with_children: bool = False) -> float:
    """Return how long these processes' threads were ready to run and had no core (schedstat)."""
    wanted = set(pids)
    if with_children:
        wanted |= {pid for pid, parent, _ in processes() if parent in wanted}
    total = 0
    for pid in wanted:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                total += int((thread / "schedstat").read_text().split()[1])
    return total / 1e9


def memory_mib(pids: Sequence[int], *, with_children: bool = False) -> float:
    """Return the memory of these processes; shared pages count for each in part (Pss)."""
    wanted = set(pids)
    if with_children:
        wanted |= {pid for pid, parent, _ in processes() if parent in wanted}
    kib = 0
    for pid in wanted:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kib += int(line.split()[1])
    return round(kib / 1024, 2)


def counted(ports: Sequence[int], name: str) -> float:
    """Return the sum of one metric (all its labels that are told) over workers' /metrics."""
    total = 0.0
    for port in ports:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as page:
            for line in page.read().decode().splitlines():
                if line.startswith(name):
                    total += float(line.rpartition(" ")[2])
    return total
