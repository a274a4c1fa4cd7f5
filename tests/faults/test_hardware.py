"""A whole run with the PIN and MAC keys on a hardware HSM: import, serve, sales, settlement.

The hardware is the host command front of another HSM process, with a store and keys of its own; all
that the switch has of it is a port and the references in the site file.
"""

import json
import random
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import trio

from pointsman.cli.hsm_keys import ask
from pointsman.hsm import commands as c
from pointsman.hsm.client import HsmClient
from pointsman.sim.audit import audit
from pointsman.sim.demo import Look
from pointsman.sim.demo_processes import POINTSMAN, Program, command
from pointsman.sim.host_rows import HOST_ROWS
from pointsman.sim.ledger import read_rows
from pointsman.sim.smoke_report import net_minor
from pointsman.sim.terminal_rows import TERMINAL_ROWS
from pointsman.switch import spawn
from tests.hsm.laboratory import TMK, ZAK, ZPK
from tests.hsm.processes import HsmProcess

DEVICE_COMMANDS = "NC,CA,M6,M8,A0,BU"
FLOWS = "sale-swipe:6,sale-chip:4,void:2,refund-part:1,reversal:2,declined:1"
TIDS = ("12345678", "12345679")
MID = "898100053310001"
FORMATS = {"alpha": ("ascii87-hexbitmap", "ascii4"), "beta": ("ascii87-binbitmap", "len2")}
PORTS = 20_000, 32_000  # below the range of ephemeral ports
COUNT = 8  # transactions a terminal
RUN_S = 120.0  # what is waited for at most; a run takes some seconds


def free_port() -> int:
    """Return a port that the kernel gives to no connection before its listener starts."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):  # nobody listens
                return port


class Device:
    """The hardware: where it listens, and its references of the test keys."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        words = ("--host-port", str(self.port), "--host-commands", DEVICE_COMMANDS)
        self.process = HsmProcess(directory / "run", directory / "store", *words)
        self.process.wait_until_it_listens("operator.sock")

    def reference(self, usage: str, clear: bytes) -> str:
        """Put a key on the device, as its custodians would, and return what it is called by."""
        made = ask(self.process.sockets, c.ImportKey(usage, clear.hex()))
        assert isinstance(made, c.KeyMade)
        return "S" + made.block.decode()

    def commands(self) -> dict[str, int]:
        """Return how often each host command came."""
        return counted(self.process.sockets, "host command")


def counted(sockets: Path, operation: str) -> dict[str, int]:
    found = ask(sockets, c.AskCounters())
    assert isinstance(found, c.Counters)
    return {result: count for name, result, count in found.calls if name == operation}


async def counted_by_all(sockets: Path, operation: str) -> list[dict[str, int]]:
    """Return what each process of the house's own HSM counted, and that each was used."""
    found = []
    for name in ("switch.sock", "switch-1.sock"):
        client = HsmClient(str(sockets / name))
        async with trio.open_nursery() as nursery:
            await nursery.start(client.run)
            answer = await client.ask(c.AskCounters(), trio.current_time() + 10)
            nursery.cancel_scope.cancel()
        assert isinstance(answer, c.Counters)
        assert dict.fromkeys(name for name, _, _ in answer.calls).keys() >= {"Outbound"}
        found.append({result: n for name, result, n in answer.calls if name == operation})
    return found


@contextmanager
def device(directory: Path) -> Iterator[Device]:
    made = Device(directory)
    try:
        yield made
    finally:
        made.process.stop()


def site_text(made: Device, ports: Mapping[str, int]) -> str:
    tmk = made.reference("TMK", TMK)
    text = ""
    for number, (name, (form, framing)) in enumerate(FORMATS.items()):
        text += (
            f'[acquirers.{name}]\ninstitution = "4802100{number}"\nformat = "{form}"\n'
            f'framing = "{framing}"\naddress = "127.0.0.1:{ports[name]}"\nrequest_life_s = 3\n'
            f'zpk = "{made.reference("ZPK", ZPK)}"\nzak = "{made.reference("ZAK", ZAK)}"\n'
        )
    text += (
        f'[merchants.{MID}]\nname = "Harbour Tea House"\nmcc = "5812"\ncity = "Shanghai"\n'
        'country = "CN"\ncurrency = "CNY"\n'
        'routes = [{acquirer = "alpha", schemes = ["CUP"]}, {acquirer = "beta", priority = 2}]\n'
    )
    for tid in TIDS:
        text += f'[merchants.{MID}.terminals.{tid}]\nmac = "x9.19"\ntmk = "{tmk}"\n'
    return text


def settings_text(made: Device) -> str:
    return (
        "[terminals]\nport = 0\n[metrics]\nsupervisor = 0\nworkers = 0\nclerk = 0\n"
        "[workers]\ncount = 1\n"
        "[timers]\nhost_s = 4\nswitch_s = 6\nterminal_s = 8\nreversal_retry_s = 1\n"
        f'[hsm]\nprocesses = 2\nbackend = "payshield"\nhost = "127.0.0.1"\nport = {made.port}\n'
        'lmk = "key-block"\nlmk_id = 0\n'
    )


@asynccontextmanager
async def acquirers(where: Path, ports: Mapping[str, int]) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        programs = []
        for name, (form, framing) in FORMATS.items():
            argv = [
                *("sim", "acquirer", "--name", name, "--listen", f"127.0.0.1:{ports[name]}"),
                *("--format", form, "--framing", framing, "--control", "--quiet", "--json"),
                *("--ledger", str(where / f"{name}.jsonl")),
            ]
            program = Program(name, argv, where / "simulators.log", lambda _: None)
            await nursery.start(program.run)
            programs.append(program)
            await program.wait_for("listening")
        try:
            yield
        finally:
            with trio.CancelScope(shield=True):
                for program in programs:
                    await program.stop()


@contextmanager
def house(where: Path, options: tuple[str, ...]) -> Iterator[None]:
    with (where / "switch.log").open("ab") as log:
        process = spawn.start([*POINTSMAN, "serve", *options], (), log, signal.SIGTERM)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


async def whole_run(where: Path, made: Device) -> None:
    ports = {name: free_port() for name in FORMATS}
    (where / "site.toml").write_text(site_text(made, ports))
    (where / "settings.toml").write_text(settings_text(made))
    options = ("--data", str(where / "data"), "--config", str(where / "settings.toml"))
    look = Look(where / "data")
    async with acquirers(where, ports):
        with house(where, options):
            await command("status", "--wait", "30", *options)
            found = await command("import", str(where / "site.toml"), *options)
            token = str(found["token"])
            await command("import", str(where / "site.toml"), "--commit", token, *options)
            status = look.status()
            assert status is not None
            rows = [{"mid": MID, "tid": tid, "tmk": TMK.hex(), "mac": "x9.19"} for tid in TIDS]
            (where / "terminals.json").write_text(json.dumps(rows))
            argv = [
                *(*POINTSMAN, "sim", "terminal", "--port", str(status.listeners[0].port)),
                *("--terminals", str(where / "terminals.json"), "--count", str(COUNT)),
                *("--flows", FLOWS, "--settle", "--timeout", "8", "--quiet", "--json"),
                *("--ledger", str(where / "terminals.jsonl")),
            ]
            done = await trio.run_process(argv, capture_stdout=True, check=False)
            summary = json.loads(done.stdout.splitlines()[-1])
            assert done.returncode == 0, summary
            settled = await command("settle", *options)
            journal = await look.journal()
            software = await counted_by_all(look.directory.hsm_sockets, "pin")
    assert summary["approved"] > COUNT
    assert summary["settlements_unequal"] == 0
    terminals = list(read_rows(where / "terminals.jsonl", TERMINAL_ROWS))
    hosts = {name: list(read_rows(where / f"{name}.jsonl", HOST_ROWS)) for name in FORMATS}
    files = Path(str(settled["directory"])) / "summary.json"
    net = net_minor(json.loads(files.read_text())["currencies"])
    findings = audit(terminals, hosts, journal, net)
    assert not any(findings.faults.values()), findings.names
    assert findings.balanced
    assert findings.journal_minor > 0
    # PINs and MACs were the hardware's; the software HSM saw no PIN at all.
    commands = made.commands()
    assert commands["A0"] >= 2 * len(TIDS)
    assert commands["CA"] > 0
    assert min(commands["M6"], commands["M8"]) > COUNT
    assert software == [{}, {}]


def test_a_day_is_done_with_the_keys_on_a_hardware_hsm(tmp_path: Path) -> None:
    async def within() -> None:
        with trio.fail_after(RUN_S):
            await whole_run(tmp_path, made)

    with device(tmp_path / "device") as made:
        trio.run(within)
