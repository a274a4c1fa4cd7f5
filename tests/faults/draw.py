"""Which fault comes next: a shuffled deck of kinds for each theme, so that none stays rare.

A core but for what it asks of the machine (root, strace, a compiler). The kinds themselves are the
other files of this room.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias, assert_never

from tests.faults import line_faults, traced_faults
from tests.faults.database_faults import EndSessions, FullDisk, Restart
from tests.faults.houses import End, Standby, TakeOver
from tests.faults.line_faults import Way
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
from tests.faults.scene import HOUSE, Fault
from tests.faults.traced_faults import DieAtCall, FailedSync, SlowSync

SEEN_S: Final = 25.0
PAUSE_S_MAX: Final = 15.0
TAKE_S: Final = 60.0  # twelve until a lease has lapsed, and the start of every process
LONG_PAUSE_S: Final = (30.0, 120.0)
LINE_S_MAX: Final = 4.0
CALLS_MAX: Final = 40
VICTIM: Final = "worker-2"
KILLED: Final = ("worker-0", "worker-1", "worker-2", "hsm-0", "clerk", "postgres")
PAUSED: Final = ("hsm-0", "postgres", "clerk", "supervisor", HOUSE)
ACQUIRERS: Final = ("alpha", "beta")
LEGS: Final = ("terminals", *ACQUIRERS)
HOUR_S: Final = 3600
JUMPS_S: Final = tuple(sign * n * HOUR_S for n in (1, 24, 24 * 365, 24 * 3653) for sign in (-1, 1))
LINES: Final[Sequence[tuple[str, line_faults.Fault, Sequence[str]]]] = (
    ("delay", line_faults.Delay(0.3, 0.3), LEGS),
    ("delay past the timers", line_faults.Delay(2.5, 1.0), LEGS),
    ("single bytes", line_faults.SingleBytes(), LEGS),
    ("coalesced", line_faults.Together(), LEGS),
    ("black hole, answers", line_faults.BlackHole(Way.ANSWERING), LEGS),
    ("black hole, requests", line_faults.BlackHole(Way.ASKING), LEGS),
    ("answers stand still, then all", line_faults.Stall(Way.ANSWERING), LEGS),
    ("requests stand still, then all", line_faults.Stall(Way.ASKING), LEGS),
    ("cut and refused", line_faults.Refuse(), LEGS),
    ("reset", line_faults.Reset(0.1), LEGS),
    ("cut after request", line_faults.CutAfterRequest(0.2), LEGS),
    # A terminal asks one thing at a time on a connection: no two answers can change places.
    ("answers swapped", line_faults.SwapAnswers(), ACQUIRERS),
    # Acquirers dial nobody, and their sessions are made once: only terminals connect meanwhile.
    ("doubled connection", line_faults.Doubled(), ("terminals",)),
)


class Theme(StrEnum):
    """What a block is about."""

    MIXED = "mixed"  # everything that needs no preparation
    KILLS = "kills"  # processes alone, one after the other
    STORM = "storm"  # every process again and again as soon as it is back, all at once
    VICTIM = "victim"  # one of three workers again and again, nothing else
    PAUSES = "pauses"  # each process, all together, workers past their lease; a slow HSM
    SESSIONS = "sessions"  # PostgreSQL restarted, its sessions ended inside a commit
    CALLS = "calls"  # deaths and errors at a chosen system call
    HOUSE = "house"  # the supervisor killed, the house stopped, its workers restarted in turn
    HOUSES = "houses"  # two over one database; the one that serves ends or stands still
    LINES = "lines"
    DISK = "disk"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A fault to inject; ``recovers`` says that the house must come back from it."""

    kind: str
    fault: Fault
    recovers: bool = True
    patience_s: float = SEEN_S


Card: TypeAlias = Callable[[], Drawn]


def kill(name: str) -> Drawn:
    """Return the death of one process."""
    return Drawn(f"kill -9 {name.partition('-')[0]}", Kill(name))


@dataclass(slots=True)
class Drawer:
    """Draws faults for one block; a deck that is used up is shuffled anew."""

    theme: Theme
    chance: random.Random
    disk: Path
    clock: Path
    standby: Standby | None = None
    _decks: dict[Theme, list[Card]] = field(default_factory=dict)

    def next(self) -> Drawn:
        """Draw one."""
        return self._from(self.theme)

    def _from(self, theme: Theme) -> Drawn:
        deck = self._decks.setdefault(theme, [])
        if not deck:
            deck += (card for number, card in self._cards(theme) for _ in range(number))
            self.chance.shuffle(deck)
        return deck.pop()()

    def _cards(self, theme: Theme) -> list[tuple[int, Card]]:
        """Return the kinds of a theme, each with how often it lies in one deck."""
        match theme:
            case Theme.MIXED:
                return [
                    (8, partial(self._from, Theme.KILLS)), (3, partial(self._from, Theme.LINES)),
                    (3, partial(self._from, Theme.PAUSES)), (3, partial(self._from, Theme.CALLS)),
                    (3, partial(self._from, Theme.SESSIONS)), (2, partial(self._from, Theme.HOUSE)),
                ]  # fmt: skip
            case Theme.VICTIM:
                return [(1, lambda: Drawn(f"kill -9 {VICTIM} of three", Kill(VICTIM)))]
            case Theme.KILLS | Theme.STORM:
                return [(1, partial(kill, name)) for name in KILLED]
            case Theme.DISK:
                full: Card = lambda: Drawn("disk full", FullDisk(self.disk))  # noqa: E731
                return [(4, full), (1, partial(kill, "worker-0")), (1, partial(kill, "postgres"))]
            case Theme.CLOCK:
                jumps = [(1, partial(self._jump, s, whose)) for s in JUMPS_S for whose in Whose]
                return [*jumps, (4, partial(self._from, Theme.KILLS))]
            case Theme.PAUSES:
                return self._pauses()
            case Theme.SESSIONS:
                restarts = [(1, partial(_restart, fast)) for fast in (True, False)]
                return [(2, lambda: Drawn("sessions ended in a commit", EndSessions())), *restarts]
            case Theme.CALLS:
                return self._calls()
            case Theme.HOUSE:
                return [
                    (2, lambda: Drawn("kill -9 supervisor", KillSupervisor())),
                    (1, lambda: Drawn("stop and start of the house", StopAndStart())),
                    (2, lambda: Drawn("rolling restart of a worker", StopWorker(self._worker()))),
                ]
            case Theme.HOUSES:
                return [(1, partial(self._take_over, end)) for end in End]
            case Theme.LINES:
                return [(1, partial(self._line, *kind)) for kind in LINES]
            case _:
                assert_never(theme)

    def _take_over(self, end: End) -> Drawn:
        assert self.standby is not None, "the block made it"
        fault = TakeOver(end, self.standby)
        return Drawn(f"{end.value} of a house, another takes over", fault, patience_s=TAKE_S)

    def _worker(self) -> str:
        return f"worker-{self.chance.randrange(3)}"

    def _jump(self, jump_s: int, whose: Whose) -> Drawn:
        word = "clock" if whose is Whose.HOUSE else "clock of postgres"
        fault = Jump(jump_s, self.chance.uniform(1.0, 6.0), self.clock, whose)
        way = "ahead" if jump_s > 0 else "back"
        return Drawn(f"{word}, {abs(jump_s) // HOUR_S} h {way}", fault)

    def _pauses(self) -> list[tuple[int, Card]]:
        past = "pause worker past its lease"
        cards: list[tuple[int, Card]] = [(1, partial(self._pause, name)) for name in PAUSED]
        cards += [
            (1, lambda: self._pause(self._worker())),
            (1, lambda: self._pause(self.chance.choice(ACQUIRERS))),
            (2, lambda: Drawn(past, PausePastLease(self._worker()))),
            (1, lambda: Drawn("slow hsm", SlowHsm(self.chance.uniform(4.0, 12.0)))),
        ]
        return [*cards, (1, self._long_pause)] if self.theme is Theme.PAUSES else cards

    def _pause(self, name: str) -> Drawn:
        seconds = self.chance.triangular(1.0, PAUSE_S_MAX, 1.0)  # most of them short
        word = "acquirer" if name in ACQUIRERS else name.partition("-")[0]
        return Drawn(f"pause {word}", Pause(name, seconds))

    def _long_pause(self) -> Drawn:
        name = self.chance.choice(("hsm-0", "postgres", HOUSE, *ACQUIRERS))
        seconds = self.chance.uniform(*LONG_PAUSE_S)
        return Drawn("pause, half a minute and longer", Pause(name, seconds), patience_s=150.0)

    def _calls(self) -> list[tuple[int, Card]]:
        if traced_faults.why_not():
            return [(1, partial(self._from, Theme.KILLS))]
        cards: list[tuple[int, Card]] = [(2, partial(self._death, "sendto")), (1, self._slow_sync)]
        cards += [(2, partial(self._death, "recvfrom"))]
        return [*cards, (2, partial(self._sync, dies=True)), (2, partial(self._sync, dies=False))]

    def _death(self, call: str) -> Drawn:
        fault = DieAtCall(self._worker(), call, self.chance.randint(1, CALLS_MAX))
        return Drawn(f"death at n-th {call}", fault)

    def _sync(self, *, dies: bool) -> Drawn:
        kind = "death at n-th sync" if dies else "failing sync (EIO)"
        return Drawn(kind, FailedSync(dies, self.chance.randint(1, CALLS_MAX)))

    def _slow_sync(self) -> Drawn:
        delay_s, seconds = self.chance.uniform(0.1, 1.5), self.chance.uniform(3.0, 8.0)
        return Drawn("slow sync of the log", SlowSync(delay_s, seconds))

    def _line(self, name: str, fault: line_faults.Fault, legs: Sequence[str]) -> Drawn:
        seconds = self.chance.uniform(1.0, LINE_S_MAX)
        return Drawn(f"line: {name}", Line(self.chance.choice(legs), fault, seconds), False)


def _restart(fast: bool) -> Drawn:
    return Drawn(f"restart postgres {'fast' if fast else 'immediate'}", Restart(fast))
