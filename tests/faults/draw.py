"""Which fault comes next: kinds by theme, each with its name on the card and its chance.

A core but for what it asks of the machine (root, strace, libfaketime). The kinds themselves are the
other files of this room.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

from tests.faults import proxy, traced_faults
from tests.faults.database_faults import EndSessions, FullDisk, Restart
from tests.faults.network_faults import Jump, Line, Whose
from tests.faults.process_faults import (
    Kill,
    KillSupervisor,
    Pause,
    PausePastLease,
    SlowHsm,
    StopAndStart,
    StopWorker,
)
from tests.faults.proxy import Way
from tests.faults.scene import Fault
from tests.faults.traced_faults import DieAtCall, FailedSync

PAUSE_S_MAX: Final = 15.0
LINE_S_MAX: Final = 4.0
VICTIM: Final = "worker-2"
KILLED: Final = ("worker-0", "worker-1", "worker-2", "hsm-0", "clerk", "postgres")
HOUR_S: Final = 3600
JUMPS_S: Final = tuple(sign * n * HOUR_S for n in (1, 24, 24 * 365, 24 * 3653) for sign in (-1, 1))
LEGS: Final = ("terminals", "alpha", "beta")


class Theme(StrEnum):
    """What a block is about."""

    MIXED = "mixed"  # everything that needs no preparation
    KILLS = "kills"  # processes alone, one after the other
    STORM = "storm"  # every process again and again as soon as it is back, all at once
    VICTIM = "victim"  # one of three workers again and again, nothing else
    PAUSES = "pauses"  # workers past their lease, HSM, PostgreSQL and acquirers; a slow HSM
    SESSIONS = "sessions"  # PostgreSQL restarted, its sessions ended inside a commit
    CALLS = "calls"  # deaths and errors at a chosen system call
    HOUSE = "house"  # the supervisor killed, the house stopped, its workers restarted in turn
    LINES = "lines"
    DISK = "disk"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A fault to inject; ``recovers`` says that the house must come back from it."""

    kind: str
    fault: Fault
    recovers: bool = True


def kill(name: str) -> Drawn:
    """Return the death of one process."""
    return Drawn(f"kill -9 {name.partition('-')[0]}", Kill(name))


@dataclass(slots=True)
class Drawer:
    """Draws faults for one block."""

    theme: Theme
    chance: random.Random
    disk: Path
    clock: Path

    def next(self) -> Drawn:
        """Draw one."""
        match self.theme:
            case Theme.VICTIM:
                return Drawn(f"kill -9 {VICTIM} of three", Kill(VICTIM))
            case Theme.DISK:
                full = Drawn("disk full", FullDisk(self.disk))
                return full if self.chance.random() < 0.6 else self._kill()
            case Theme.CLOCK:
                if self.chance.random() < 0.3:
                    return self._kill()
                return self._jump()
            case Theme.PAUSES:
                return self._one_of((2, self._past_lease), (4, self._pause), (1, self._slow_hsm))
            case Theme.SESSIONS:
                return self._database()
            case Theme.CALLS:
                return self._traced()
            case Theme.HOUSE:
                return self._one_of((3, self._whole_house), (2, self._rolling))
            case Theme.LINES:
                return self._line()
            case Theme.KILLS | Theme.STORM:
                return self._kill()
            case Theme.MIXED:
                return self._one_of(
                    (8, self._kill), (3, self._line), (3, self._pause), (3, self._database),
                    (3, self._traced), (1, self._whole_house), (1, self._rolling),
                )  # fmt: skip
            case _:
                assert_never(self.theme)

    def _one_of(self, *ways: tuple[int, Callable[[], Drawn]]) -> Drawn:
        (way,) = self.chance.choices([way for _, way in ways], [weight for weight, _ in ways])
        return way()

    def _jump(self) -> Drawn:
        jump_s = self.chance.choice(JUMPS_S)
        seconds = self.chance.uniform(2.0, 6.0)
        whose = self.chance.choice((Whose.HOUSE, Whose.POSTGRES))
        word = "clock" if whose is Whose.HOUSE else "clock of postgres"
        fault = Jump(jump_s, seconds, self.clock, whose)
        return Drawn(f"{word} {jump_s // HOUR_S:+d} h", fault)

    def _past_lease(self) -> Drawn:
        return Drawn("pause worker past its lease", PausePastLease(self._worker()))

    def _slow_hsm(self) -> Drawn:
        return Drawn("slow hsm", SlowHsm(self.chance.uniform(4.0, 12.0)))

    def _rolling(self) -> Drawn:
        return Drawn("rolling restart of a worker", StopWorker(self._worker()))

    def _worker(self) -> str:
        return f"worker-{self.chance.randrange(3)}"

    def _kill(self) -> Drawn:
        return kill(self.chance.choice(KILLED))

    def _whole_house(self) -> Drawn:
        if self.chance.random() < 0.5:
            return Drawn("kill -9 supervisor", KillSupervisor())
        return Drawn("stop and start of the house", StopAndStart())

    def _pause(self) -> Drawn:
        name = self.chance.choice((self._worker(), "hsm-0", "postgres", "alpha", "beta"))
        seconds = self.chance.triangular(1.0, PAUSE_S_MAX, 1.0)  # most of them short
        word = "acquirer" if name in LEGS else name.partition("-")[0]
        return Drawn(f"pause {word}", Pause(name, seconds))

    def _database(self) -> Drawn:
        if self.chance.random() < 0.5:
            return Drawn("sessions ended in a commit", EndSessions())
        fast = self.chance.random() < 0.4
        return Drawn(f"restart postgres {'fast' if fast else 'immediate'}", Restart(fast))

    def _traced(self) -> Drawn:
        if traced_faults.why_not():
            return self._kill()
        count = self.chance.randint(1, 40)
        draw = self.chance.randrange(4)
        if draw < 2:
            call = ("sendto", "recvfrom")[draw]
            return Drawn(f"death at n-th {call}", DieAtCall(self._worker(), call, count))
        dies = draw == 2
        kind = "death at n-th sync" if dies else "failing sync (EIO)"
        return Drawn(kind, FailedSync(dies, count))

    def _line(self) -> Drawn:
        leg = self.chance.choice(LEGS)
        faults: list[tuple[str, proxy.Fault]] = [
            ("delay", proxy.Delay(0.3, 0.3)),
            ("delay past the timers", proxy.Delay(2.5, 1.0)),
            ("single bytes", proxy.SingleBytes()),
            ("coalesced", proxy.Together()),
            ("black hole, answers", proxy.BlackHole(Way.ANSWERING)),
            ("black hole, requests", proxy.BlackHole(Way.ASKING)),
            ("reset", proxy.Reset(0.1)),
            ("cut after request", proxy.CutAfterRequest(0.2)),
            ("answers swapped", proxy.SwapAnswers()),
        ]
        if leg == "terminals":
            faults.append(("doubled connection", proxy.Doubled()))
        name, fault = self.chance.choice(faults)
        return Drawn(f"line: {name}", Line(leg, fault, self.chance.uniform(1.0, LINE_S_MAX)), False)
