"""The parts of a world, made from its plan: acquirers, terminals, workers, each on its own stream.

A shell that only joins. What each part does is its own file's affair; who lives when is world.py.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.framing import get_framing
from pointsman.effects import Effects
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.host_rows import HostRow
from pointsman.sim.terminal_link import Address
from pointsman.sim.terminal_options import TEST_TMK, Connect, Identity, TerminalOptions
from pointsman.sim.terminal_rows import TerminalRow
from pointsman.sim.world.acquirers import SimAcquirer
from pointsman.sim.world.chance import Chance
from pointsman.sim.world.process import SeamCount
from pointsman.sim.world.site import ACQUIRERS, ZAK, ZPK
from pointsman.sim.world.terminals import Habits, SimTerminal
from pointsman.sim.world.workers import SimWorker

if TYPE_CHECKING:
    from pointsman.sim.world.world import World

SETTLE_CHANCE = 0.01
POWER_CUT_S = 20.0
MERCHANTS = 3
OnHostRow = Callable[[str, HostRow, Message], None]


def identity(number: int) -> Identity:
    """Return who the terminal of this number is."""
    return Identity(f"89810005331000{1 + number % MERCHANTS}", f"1234{number:04d}", TEST_TMK)


def acquirer(world: "World", name: str, chance: Chance, on_row: OnHostRow) -> SimAcquirer:
    """Make one acquirer and let it listen."""
    made = SimAcquirer(
        name=name,
        draw=chance.stream(f"acquirer {name}"),
        faults=world.faults,
        process=world.host_process,
        now_text=lambda: world.now().isoformat(timespec="milliseconds"),
        on_row=on_row,
        format=ACQUIRERS[name].format,
        framing_name=ACQUIRERS[name].framing,
        keys=ZoneKeys(ZPK, ZAK),
        answer_s=world.plan.host_answer_s,
        delay_s=world.plan.timers.host_s * 1.5,
    )
    world.network.listen(name, made.accept)
    return made


def terminal(
    world: "World", number: int, chance: Chance, on_row: Callable[[TerminalRow], None]
) -> SimTerminal:
    """Make one terminal; those beyond the plan's number prove at the end that workers serve."""
    plan, script = world.plan, world.options.script
    proves = number >= plan.terminals
    stays = not proves and plan.stays[number]
    return SimTerminal(
        identity=identity(number),
        options=TerminalOptions(
            timeout_s=plan.timers.terminal_s,
            connect=Connect.STAY if stays else Connect.PER_MESSAGE,
        ),
        address=Address("house", 8583, get_codec("cup-bcd"), get_framing("tpdu-header")),
        habits=Habits(dict(plan.weights), plan.pause_s, SETTLE_CHANCE, POWER_CUT_S, plan.lanes),
        draw=chance.stream(f"terminal {number}"),
        faults=world.faults,
        effects=Effects(world.now, chance.stream(f"terminal bytes {number}").randbytes),
        dial=(
            (lambda process: world.front.dial_one(process, number - plan.terminals))
            if proves
            else world.front.dial_in
        ),
        on_row=on_row,
        is_chaos=lambda: world.is_chaos,
        script=None if script is None or proves else tuple(script[number]),  # type: ignore[arg-type]  # words of Flow
    )


def worker(world: "World", number: int, chance: Chance) -> SimWorker:
    """Make one worker."""
    return SimWorker(
        number=number,
        config=world.plan.config,
        server=world.server,
        hsm=world.hsm,
        draw=chance.stream(f"worker {number}"),
        faults=world.faults,
        now=world.now,
        dial_out=world.front.dial_out,
        kill=world.kill,
        seams=world.options.seams if number == 0 else SeamCount(),
        witness=world.witness,
    )
