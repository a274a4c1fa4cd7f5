"""``pointsman doctor``: looks for what keeps this machine from running the switch.

A shell: it looks and changes nothing. Each finding is a line with its remedy; what is merely worth
knowing is marked so and does not make the command fail.
"""

import argparse
import os
import resource
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from pointsman.cli.options import Exit, Setting, add_options, load
from pointsman.switch import lock
from pointsman.switch.listeners import PortBusyError, check_free

_FREE_SPACE_MIN = 1024**3
_LOCKED_MEMORY_MIN = 64 * 1024**2  # what one HSM process maps
_SOMAXCONN = Path("/proc/sys/net/core/somaxconn")
_BACKLOG_WISHED = 1024


class Verdict(StrEnum):
    """How a finding weighs."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `text` says what to do where it is not well."""

    subject: str
    verdict: Verdict
    text: str


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="look for what keeps this machine from running the switch",
        description="Look, change nothing. Exit code 8 where something must be mended.",
    )
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found."""
    found = list(findings(load(arguments)))
    ok = all(finding.verdict is not Verdict.FAULT for finding in found)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode({"ok": ok, "findings": found}).decode() + "\n")
    else:
        for finding in found:
            print(f"{finding.verdict.value:<6}{finding.subject:<12}{finding.text}")
    return Exit.OK if ok else Exit.CHECK_FAILED


def findings(setting: Setting) -> Iterator[Finding]:
    """Look at everything, cheapest first."""
    yield Finding("settings", Verdict.OK, str(setting.file or "all by default, no file"))
    yield _directory(setting)
    running = lock.holder(setting.directory.lock)
    if running is not None:
        yield Finding("house", Verdict.NOTE, f"runs already, process {running}; ports not tried")
    else:
        yield from _ports(setting)
    yield _descriptors(setting)
    yield _backlog()
    yield _locked_memory()
    yield _mode(setting)


def _directory(setting: Setting) -> Finding:
    root = setting.directory.root
    place = next(path for path in (root, *root.parents) if path.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding("data", Verdict.FAULT, f"{place} cannot be written; choose --data DIR")
    free = shutil.disk_usage(place).free
    if free < _FREE_SPACE_MIN:
        return Finding("data", Verdict.FAULT, f"{place}: {free >> 20} MiB free; make it 1 GiB")
    return Finding("data", Verdict.OK, f"{root}, {free >> 30} GiB free")


def _ports(setting: Setting) -> Iterator[Finding]:
    config = setting.config
    metrics = config.metrics
    numbers = config.workers.numbers if metrics.workers else ()
    ports = [
        (config.terminals.host, config.terminals.port, "terminals.port"),
        (metrics.host, metrics.clerk, "metrics.clerk"),
        (metrics.host, metrics.supervisor, "metrics.supervisor"),
        *((metrics.host, metrics.workers + number, "metrics.workers") for number in numbers),
    ]
    for host, port, key in ports:
        if not port:
            continue
        try:
            check_free(host, port, key=key)
        except PortBusyError as error:
            yield Finding("port", Verdict.FAULT, str(error))
        else:
            yield Finding("port", Verdict.OK, f"{host} port {port} is free ({key})")


def _descriptors(setting: Setting) -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = setting.config.limits.connections_max + 1024
    if hard != resource.RLIM_INFINITY and hard < wanted:
        text = f"limit {hard} is below {wanted}: raise it (LimitNOFILE) or limits.connections_max"
        return Finding("open files", Verdict.NOTE, text)
    return Finding("open files", Verdict.OK, f"limit {hard}")


def _backlog() -> Finding:
    try:
        size = int(_SOMAXCONN.read_text())
    except (OSError, ValueError):
        return Finding("backlog", Verdict.NOTE, "net.core.somaxconn cannot be read")
    if size < _BACKLOG_WISHED:
        text = f"net.core.somaxconn is {size}: many terminals at once need {_BACKLOG_WISHED}"
        return Finding("backlog", Verdict.NOTE, text)
    return Finding("backlog", Verdict.OK, f"net.core.somaxconn is {size}")


def _locked_memory() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if os.geteuid() and hard != resource.RLIM_INFINITY and hard < _LOCKED_MEMORY_MIN:
        text = f"locked memory is limited to {hard >> 10} KiB: HSM pages may reach swap"
        return Finding("memory", Verdict.NOTE, text)
    return Finding("memory", Verdict.OK, "the HSM can lock its memory")


def _mode(setting: Setting) -> Finding:
    if setting.config.hsm.mode == "laboratory":
        return Finding("hsm", Verdict.NOTE, "laboratory mode: for trials, not for real cards")
    if not setting.config.hsm.passphrase_file:
        return Finding("hsm", Verdict.FAULT, "live mode: name hsm.passphrase_file")
    return Finding("hsm", Verdict.OK, "live mode")
