"""Faults of a line, by the proxy on it (proxy.py), and of the wall clock, by jump.c.

A line's fault counts where it met traffic. A jump of the clock is written where the preloaded
library looks at every call; its effect is seen in the supervisor's own time stamps.
"""

import shutil
import struct
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
import trio

from tests.faults import line_faults
from tests.faults.scene import LOOK_S, Scene, until

COMPILER: Final = shutil.which("cc")
SOURCE: Final = Path(__file__).with_name("jump.c")
JUMP_SEEN_S: Final = 600.0
_AHEAD: Final = "select extract(epoch from clock_timestamp())::double precision"


@dataclass(slots=True)
class Line:
    """One fault on one leg for a while."""

    leg: str
    fault: line_faults.Fault
    seconds: float

    async def inject(self, scene: Scene) -> None:
        scene.proxies[self.leg].spoil(self.fault)

    async def seen(self, scene: Scene) -> None:
        await trio.sleep(self.seconds)
        await until(lambda: scene.proxies[self.leg].hits > 0)

    async def heal(self, scene: Scene) -> None:
        scene.proxies[self.leg].heal()


class Whose(Enum):
    """Whose clock jumps; the value is its place in the file."""

    HOUSE = 0  # supervisor, workers, HSM and clerk
    POSTGRES = 1


@dataclass(slots=True)
class Jump:
    """The wall clock of the house's processes, or PostgreSQL's own, jumps and jumps back."""

    offset_s: int
    seconds: float
    file: Path
    whose: Whose = Whose.HOUSE

    async def inject(self, scene: Scene) -> None:
        set_clock(self.file, self.offset_s, self.whose)

    async def seen(self, scene: Scene) -> None:
        if self.whose is Whose.HOUSE:
            await until(lambda: abs(_clock_of(scene) - self.offset_s) < JUMP_SEEN_S)
        else:
            ((ahead_s,),) = await scene.ask(_AHEAD)
            while abs(ahead_s - datetime.now(UTC).timestamp() - self.offset_s) >= JUMP_SEEN_S:
                await trio.sleep(LOOK_S)
                ((ahead_s,),) = await scene.ask(_AHEAD)
        await trio.sleep(self.seconds)

    async def heal(self, scene: Scene) -> None:
        set_clock(self.file, 0, self.whose)


def set_clock(file: Path, offset_s: int, whose: Whose = Whose.HOUSE) -> None:
    """Write an offset where the processes have it mapped."""
    if not file.exists():
        file.write_bytes(bytes(8 * len(Whose)))
    with file.open("r+b") as opened:
        opened.seek(8 * whose.value)
        opened.write(struct.pack("=q", offset_s))


def with_clock(file: Path) -> list[str]:
    """Return the words before a command that let its wall clock follow ``file``.

    The library finds the file beside itself: PostgreSQL is given few words of our environment.
    """
    library = file.with_suffix(".so")
    if not library.exists():
        assert COMPILER
        argv = [COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(argv, check=True)
    return ["env", f"LD_PRELOAD={library}"]


class _Written(msgspec.Struct):
    written_at: str


def _clock_of(scene: Scene) -> float:
    """Return how far the supervisor's wall clock is from ours, in seconds."""
    try:
        data = scene.world.look.directory.status.read_bytes()
    except OSError:
        return 0.0
    written = datetime.fromisoformat(msgspec.json.decode(data, type=_Written).written_at)
    return (written - datetime.now(UTC)).total_seconds()
