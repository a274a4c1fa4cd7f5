"""The demo's world: a house in its data directory, its site's acquirers and terminals.

A shell that starts and stops all of it in order. Smoke run (smoke.py) and live view (live.py) work
inside. Simulators are programs of their own, spoken to over pipes.
"""

import json
import signal
import socket
import subprocess
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import trio

from pointsman.sim.demo import Look, StatusLook
from pointsman.sim.demo_plan import Plan
from pointsman.sim.demo_processes import (
    POINTSMAN,
    Event,
    Program,
    ProgramFailedError,
    command,
    is_held,
    last_line,
)
from pointsman.sim.demo_texts import ABROAD, settings, site_text, terminal_groups, without_cutoff
from pointsman.sim.terminal_options import Dialect

__all__ = ["Plan", "StartHouse", "World", "prepare", "where", "world"]

READY_S: Final = 180.0  # of a machine that is busy with other work; an idle one takes five
STOP_S: Final = 20.0
LOOK_S: Final = 0.1
DELAY_OVER_HOST_S: Final = 1.0

StartHouse = Callable[[Sequence[str], Path], subprocess.Popen[bytes]]
"""Starts a program that dies with us and writes to a file; the command line gives it."""


@dataclass(slots=True)
class World:
    """Everything that runs; `house` is the supervisor's process."""

    plan: Plan
    look: Look
    on_event: Callable[[str, Event], None]
    start_house: StartHouse
    house: subprocess.Popen[bytes] = field(init=False)
    acquirers: dict[str, Program] = field(default_factory=dict)
    terminals: dict[str, Program] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start the house; once more where it ended."""
        argv = [*POINTSMAN, "serve", *where(self.plan)]
        self.house = self.start_house(argv, self.plan.data / "switch.log")

    async def stop(self) -> None:
        """Stop the house in order; kill it where that takes too long."""
        self.house.send_signal(signal.SIGTERM)
        with trio.move_on_after(self.plan.switch_s + STOP_S):
            while self.house.poll() is None:  # noqa: ASYNC110  (a process, no task of ours)
                await trio.sleep(LOOK_S)
        if self.house.poll() is None:
            self.house.kill()
            self.house.wait()

    def tell_terminals(self, line: str) -> None:
        """Give every process of terminals one command."""
        for program in self.terminals.values():
            program.say(line)

    async def summaries(self) -> list[Event]:
        """Ask every process of terminals for its counts."""
        return [await program.ask("status", "summary") for program in self.terminals.values()]

    async def until_ready(self, within_s: float = READY_S) -> StatusLook:
        """Wait until every process of the house is ready; raises ProgramFailedError."""
        log = self.plan.data / "switch.log"
        with trio.move_on_after(within_s):
            while True:
                status = self.look.status()
                if self.house.poll() is not None:
                    break
                if status is not None and status.pid == self.house.pid and _serves(status):
                    return status
                await trio.sleep(LOOK_S)
        if self.house.poll() is not None:
            raise ProgramFailedError(f"the switch ended: {last_line(log)}")
        raise ProgramFailedError(
            f"the switch is not ready after {within_s:.0f} s: is this machine busy? (see {log})"
        )


@asynccontextmanager
async def world(
    plan: Plan, start_house: StartHouse, on_event: Callable[[str, Event], None]
) -> AsyncIterator[World]:
    """Start everything, yield it, stop everything; raises ProgramFailedError."""
    if is_held(plan.data / "lock"):
        raise ProgramFailedError(f"a demo runs in {plan.data} already: end that one first")
    site, ports = prepare(plan)
    made = World(plan, Look(plan.data), on_event, start_house)
    async with trio.open_nursery() as nursery:
        try:
            await _start_acquirers(made, site, ports, nursery)
            status = await made.until_ready()
            await _import(plan)
            port = plan.detour("terminals", status.listeners[0].port)
            await _start_terminals(made, site, port, nursery)
            yield made
        finally:
            with trio.CancelScope(shield=True):
                await _stop(made)
            nursery.cancel_scope.cancel()


def prepare(plan: Plan) -> tuple[Event, dict[str, int]]:
    """Write settings and site; return the site and the acquirers' ports."""
    plan.data.mkdir(parents=True, exist_ok=True)
    (plan.data / "settings.toml").write_text(_settings(plan))
    site = tomllib.loads(_text_of(plan))
    ports = {name: _port(plan, found["address"]) for name, found in site["acquirers"].items()}
    (plan.data / "site.toml").write_text(_site_text(plan, site, ports))
    return site, ports


async def _start_acquirers(
    made: World, site: Event, ports: dict[str, int], nursery: trio.Nursery
) -> None:
    plan = made.plan
    acquirers = site["acquirers"]
    assert isinstance(acquirers, dict)

    async def start(number: int, name: str, found: dict[str, str]) -> None:
        argv = [
            *("sim", "acquirer", "--name", name, "--listen", f"127.0.0.1:{ports[name]}"),
            *("--format", found["format"], "--framing", found["framing"]),
            *("--ledger", str(plan.data / "acquirers" / f"{name}.jsonl")),
            *("--delay", str(plan.host_s + DELAY_OVER_HOST_S), "--seed", str(plan.seed + number)),
            *("--control", "--quiet", "--json"),
        ]
        made.acquirers[name] = await _start(made, name, argv, nursery)
        try:
            await made.acquirers[name].wait_for("listening")
        except ProgramFailedError as error:
            why = f"the demo's acquirer {name} needs port {ports[name]}: {error}"
            raise ProgramFailedError(why) from None

    async with trio.open_nursery() as starting:
        for number, (name, found) in enumerate(acquirers.items()):
            starting.start_soon(start, number, name, found)


async def _start_terminals(made: World, site: Event, port: int, nursery: trio.Nursery) -> None:
    plan = made.plan
    merchants = site["merchants"]
    assert isinstance(merchants, dict)
    groups = terminal_groups(merchants, plan.left_free)
    abroad = plan.detour(ABROAD, plan.nii_port) if ABROAD in groups else 0
    for number, (name, rows) in enumerate(groups.items()):
        file = plan.data / f"terminals-{name}.json"
        file.write_text(json.dumps(rows))
        there = name == ABROAD
        dialect = Dialect.NII if there else Dialect.POS
        argv = [
            *("sim", "terminal", "--port", str(abroad if there else port), "--dialect", dialect),
            *("--terminals", str(file), "--connect", "stay" if there else name),
            *("--ledger", str(plan.data / "terminals" / f"{name}.jsonl")),
            *("--timeout", str(plan.terminal_s)),
            *("--pipeline", str(plan.lanes), "--rate", str(plan.rate / len(groups))),
            *("--seed", str(plan.seed + 100 + number), "--control", "--json"),
        ]
        made.terminals[name] = await _start(made, name, argv, nursery)


async def _start(made: World, name: str, argv: list[str], nursery: trio.Nursery) -> Program:
    log = made.plan.data / "simulators.log"
    program = Program(name, argv, log, lambda event: made.on_event(name, event))
    await nursery.start(program.run)
    return program


async def _stop(made: World) -> None:
    """Terminals first, so that nothing is in flight; then the house; its acquirers last."""
    for group in (made.terminals, made.acquirers):
        async with trio.open_nursery() as nursery:
            for program in group.values():
                nursery.start_soon(program.stop)
        if group is made.terminals:
            await made.stop()


async def _import(plan: Plan) -> None:
    site = str(plan.data / "site.toml")
    found = await command("import", site, *where(plan))
    await command("import", site, "--commit", str(found["token"]), *where(plan))


def where(plan: Plan) -> list[str]:
    """Return the options that name the demo's house to any command."""
    return ["--data", str(plan.data), "--config", str(plan.data / "settings.toml")]


def _settings(plan: Plan) -> str:
    times = (plan.host_s, plan.switch_s, plan.terminal_s, plan.retry_s)
    return settings(plan.workers, *times, free_ports=plan.free_ports, nii_port=plan.nii_port)


def _site_text(plan: Plan, site: Event, ports: dict[str, int]) -> str:
    """Return the demo's site with the ports in use and the life of a request as it is here."""
    text, acquirers = _text_of(plan), site["acquirers"]
    assert isinstance(acquirers, dict)
    addresses = {
        found["address"]: f"127.0.0.1:{plan.detour(name, ports[name])}"
        for name, found in acquirers.items()
    }
    unsaid = [found["address"] for found in acquirers.values() if "request_life_s" not in found]
    text = site_text(text, addresses, dict.fromkeys(unsaid, plan.request_life_s))
    if plan.free_ports:
        hour = datetime.now(ZoneInfo(str(site["zone"]))).hour
        text = without_cutoff(text, str(site["cutoff"]), hour)
    return text


def _text_of(plan: Plan) -> str:
    return resources.files("pointsman.sim").joinpath(plan.site).read_text() + plan.more


def _port(plan: Plan, address: str) -> int:
    if not plan.free_ports:
        return int(address.rpartition(":")[2])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serves(status: StatusLook) -> bool:
    needed = [p for p in status.processes if p.name != "clerk"]
    return all(process.state == "ready" for process in needed) and bool(needed)
