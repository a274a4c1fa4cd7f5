"""The real HSM engine in this process, with a latency, and with the accidents of an HSM.

A shell, in the place of hsm/client.py: same methods, same promises (one answer, never before the
call returns, HsmUnavailable at the deadline). Keys are the published test keys.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import trio

from pointsman.hsm import commands as c
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.cards import DataKeys
from pointsman.hsm.chamber import World
from pointsman.hsm.engine import Engine
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.primitives import Algorithm
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.process import Process

Done = Callable[[c.Answer | c.HsmUnavailable], None]
_EPOCH_S = 1_760_000_000


@dataclass(slots=True)
class SimHsm:
    """One HSM for all workers; `down` says that its process is away."""

    draw: Random
    faults: Faults
    latency_s: float = 0.002
    down_until: float = 0.0
    events: list[AuditEvent] = field(default_factory=list)
    engine: Engine = field(init=False)
    _nursery: trio.Nursery | None = None

    def __post_init__(self) -> None:
        world = World(
            clock=lambda: _EPOCH_S,
            random=self.draw.randbytes,
            record=self.events.append,
            head=lambda: c.Head("audit-0", len(self.events), bytes(32)),
        )
        self.engine = Engine(
            Wrapper(b"\x17" * 32, Algorithm.AES),
            DataKeys(b"\x01" * 32, {1: b"\x02" * 32}),
            Mode.LABORATORY,
            world,
        )

    def key(self, usage: str, clear: bytes) -> bytes:
        """Import a published test key; return its block."""
        answer = self.engine.perform(Role.OPERATOR, c.ImportKey(usage, clear.hex()))
        assert isinstance(answer, c.KeyMade), "a test key was refused"
        return answer.block

    def token(self, pan: str) -> bytes:
        """Return the token of a test card, as the list of refused cards has it."""
        answer = self.engine.perform(Role.SWITCH, c.TokenOf(pan))
        assert isinstance(answer, c.Token), "a test card has a token"
        return answer.token

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Answer until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            task_status.started()
            await trio.sleep_forever()

    def of(self, process: Process) -> "HsmPort":
        """Return what a process asks."""
        return HsmPort(self, process)

    def begin(self, request: c.Request, deadline: float, done: Done) -> None:
        """Answer later."""
        assert self._nursery is not None, "the HSM runs first"
        self._nursery.start_soon(self._answer, request, deadline, done)

    async def _answer(self, request: c.Request, deadline: float, done: Done) -> None:
        now = trio.current_time()
        took_s = self.latency_s * (0.5 + self.draw.random())
        if self.faults.strikes("hsm slow"):
            took_s += self.draw.random() * 4
        if self.faults.strikes("hsm down"):
            self.down_until = now + 1 + self.draw.random() * 20
        silent = self.faults.strikes("hsm silent") or now < self.down_until
        if silent or now + took_s >= deadline:
            await trio.sleep_until(deadline)
            done(c.HsmUnavailable("no answer in time"))
            return
        await trio.sleep(took_s)
        done(self.engine.perform(Role.SWITCH, request))


class HsmPort:
    """The HSM as one process sees it."""

    def __init__(self, hsm: SimHsm, process: Process) -> None:
        self._hsm = hsm
        self._process = process

    @property
    def is_up(self) -> bool:
        """Whether requests are answered now."""
        return trio.current_time() >= self._hsm.down_until

    def submit(self, request: c.Request, deadline: float, done: Done) -> None:
        """Ask; the answer comes later, unless this process is dead by then."""
        name = type(request).__name__
        number = self._process.enters(f"hsm {name}")
        if not number:
            return

        def answered(answer: c.Answer | c.HsmUnavailable) -> None:
            if self._process.alive:
                done(answer)

        self._hsm.begin(request, deadline, answered)
        self._process.left(number, f"hsm {name}")

    async def ask(self, request: c.Request, deadline: float) -> c.Answer:
        """Ask and wait; raises HsmUnavailable."""
        came = trio.Event()
        answers: list[c.Answer | c.HsmUnavailable] = []

        def done(answer: c.Answer | c.HsmUnavailable) -> None:
            answers.append(answer)
            came.set()

        self.submit(request, deadline, done)
        await came.wait()
        answer = answers[0]
        if isinstance(answer, c.HsmUnavailable):
            raise answer
        return answer
