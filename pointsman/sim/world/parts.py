"""The parts of a world, made from its plan: acquirers, terminals, workers, each on its own stream.

A shell that only joins. What each part does is its own file's affair; who lives when is around.py.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.framing import get_framing
from pointsman.effects import Effects
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.host_rows import HostRow
from pointsman.sim.terminal_link import Address
from pointsman.sim.terminal_options import (
    TEST_PIK,
    TEST_TMK,
    Connect,
    Dialect,
    Identity,
    TerminalOptions,
)
from pointsman.sim.terminal_rows import TerminalRow
from pointsman.sim.world.acquirers import SimAcquirer
from pointsman.sim.world.chance import Chance, Faults
from pointsman.sim.world.front import Front
from pointsman.sim.world.hsm import SimHsm
from pointsman.sim.world.network import Network
from pointsman.sim.world.plan import NII_MIX, Plan
from pointsman.sim.world.process import Process, SeamCount
from pointsman.sim.world.site import ACQUIRERS, PROVING, ZAK, ZPK
from pointsman.sim.world.terminals import Habits, SimTerminal
from pointsman.sim.world.witness import Witness
from pointsman.sim.world.workers import SimWorker
from pointsman.sim.world.workerseams import INTERNATIONAL, TERMINALS
from pointsman.store.memory_server import MemoryServer

SETTLE_CHANCE = 0.01
POWER_CUT_S = 20.0
MERCHANTS = 3
OnHostRow = Callable[[str, HostRow, Message], None]


class Around(Protocol):
    """What parts live in: the scene of a run (scene.py)."""

    plan: Plan
    faults: Faults
    server: MemoryServer
    hsm: SimHsm
    network: Network
    front: Front
    witness: Witness
    host_process: Process
    is_chaos: bool

    @property
    def seams(self) -> SeamCount:
        """Where the first worker is to die."""

    @property
    def script(self) -> tuple[tuple[str, ...], ...] | None:
        """What each terminal does, where that is not left to chance."""

    def now(self) -> datetime:
        """Return the wall clock."""

    def kill(self, process: Process, why: str) -> None:
        """End a process."""


def identity(number: int, *, proves: bool) -> Identity:
    """Return who the terminal of this number is."""
    merchant = PROVING if proves else 1 + number % MERCHANTS
    return Identity(f"89810005331000{merchant}", f"1234{number:04d}", TEST_TMK, pik=TEST_PIK)


def acquirer(around: Around, name: str, chance: Chance, on_row: OnHostRow) -> SimAcquirer:
    """Make one acquirer and let it listen."""
    made = SimAcquirer(
        name=name,
        draw=chance.stream(f"acquirer {name}"),
        faults=around.faults,
        process=around.host_process,
        now_text=lambda: around.now().isoformat(timespec="milliseconds"),
        on_row=on_row,
        format=ACQUIRERS[name].format,
        framing_name=ACQUIRERS[name].framing,
        keys=ZoneKeys(ZPK, ZAK),
        answer_s=around.plan.host_answer_s,
        delay_s=around.plan.timers.host_s * 1.5,
    )
    around.network.listen(name, made.accept)
    return made


def terminal(
    around: Around, number: int, chance: Chance, on_row: Callable[[TerminalRow], None]
) -> SimTerminal:
    """Make one terminal; those beyond the plan's number prove at the end that workers serve."""
    plan, script = around.plan, around.script
    proves = number >= plan.terminals
    stays = not proves and plan.stays[number]
    dialect = Dialect.NII if number < plan.nii else Dialect.POS
    weights = NII_MIX if dialect is Dialect.NII else plan.weights
    door = INTERNATIONAL if dialect is Dialect.NII else TERMINALS
    return SimTerminal(
        identity=identity(number, proves=proves),
        options=TerminalOptions(
            timeout_s=plan.timers.terminal_s,
            connect=Connect.STAY if stays else Connect.PER_MESSAGE,
            dialect=dialect,
        ),
        address=Address("house", 8583, get_codec(dialect.value), get_framing(dialect.framing)),
        habits=Habits(
            dict(weights),
            plan.pause_s,
            SETTLE_CHANCE,
            POWER_CUT_S,
            plan.lanes,
            forgets=not proves and number >= max(plan.nii, plan.terminals - plan.forgetful),
            remembers=plan.remembers,
        ),
        draw=chance.stream(f"terminal {number}"),
        faults=around.faults,
        effects=Effects(around.now, chance.stream(f"terminal bytes {number}").randbytes),
        dial=(
            (lambda process: around.front.dial_one(process, number - plan.terminals))
            if proves
            else (lambda process: around.front.dial_in(process, door))
        ),
        on_row=on_row,
        is_chaos=lambda: around.is_chaos,
        script=None if script is None or proves else tuple(script[number]),  # type: ignore[arg-type]  # words of Flow
    )


def worker(around: Around, number: int, chance: Chance) -> SimWorker:
    """Make one worker."""
    return SimWorker(
        number=number,
        config=around.plan.config,
        server=around.server,
        hsm=around.hsm,
        draw=chance.stream(f"worker {number}"),
        faults=around.faults,
        now=around.now,
        dial_out=around.front.dial_out,
        kill=around.kill,
        seams=around.seams if number == 0 else SeamCount(),
        witness=around.witness,
    )
