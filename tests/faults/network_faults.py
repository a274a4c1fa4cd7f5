"""Faults of a line, by the proxy on it (proxy.py), and of clocks (libfaketime).

A line's fault counts where it met traffic. A jump of the wall clock is written where libfaketime
looks at every call; its effect is seen in the supervisor's own time stamps.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import trio

from tests.faults import proxy
from tests.faults.scene import Scene, until

FAKETIME: Final = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
JUMP_SEEN_S: Final = 600.0


@dataclass(slots=True)
class Line:
    """One fault on one leg for a while."""

    leg: str
    fault: proxy.Fault
    seconds: float

    async def inject(self, scene: Scene) -> None:
        scene.proxies[self.leg].spoil(self.fault)

    async def seen(self, scene: Scene) -> None:
        await trio.sleep(self.seconds)
        await until(lambda: scene.proxies[self.leg].hits > 0)

    async def heal(self, scene: Scene) -> None:
        scene.proxies[self.leg].heal()


@dataclass(slots=True)
class Jump:
    """The wall clock of supervisor, workers, HSM and clerk jumps, and jumps back."""

    offset_s: int
    seconds: float
    file: Path

    async def inject(self, scene: Scene) -> None:
        set_clock(self.file, self.offset_s)

    async def seen(self, scene: Scene) -> None:
        await until(lambda: abs(_clock_of(scene) - self.offset_s) < JUMP_SEEN_S)
        await trio.sleep(self.seconds)

    async def heal(self, scene: Scene) -> None:
        set_clock(self.file, 0)


def set_clock(file: Path, offset_s: int) -> None:
    """Write the offset from now on, whole: it is read while we write."""
    new = file.with_suffix(".new")
    new.write_text(f"{offset_s:+d}\n")
    new.replace(file)


def faked(file: Path) -> list[str]:
    """Return the words before a command that let it see the time of ``file``."""
    return [
        "env",
        f"LD_PRELOAD={FAKETIME}",
        f"FAKETIME_TIMESTAMP_FILE={file}",
        "FAKETIME_NO_CACHE=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ]


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
