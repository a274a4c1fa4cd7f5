"""The live demo: runs the demo's world and draws its view until Ctrl-C.

A shell. What is drawn is live_view.py, what runs demo_world.py. On a terminal the view is redrawn
twice a second on the alternate screen; where the output is no terminal it is a line now and then.
"""

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TextIO

import msgspec
import trio

from pointsman.effects import Effects
from pointsman.sim.demo import Sample, StatusLook, scrape
from pointsman.sim.demo_processes import Event, command
from pointsman.sim.demo_world import Plan, StartHouse, World, where, world
from pointsman.sim.live_view import LinkLine, Screen, Seen
from pointsman.sim.tally import Done

DRAW_S: Final = 0.5
LOOK_S: Final = 1.0
PLAIN_LINE_S: Final = 5.0
MOODS: Final = {"alpha": "silent:0.004,decline:0.02", "beta": "delay:0.003,twice:0.01,decline:0.02"}
FALLS: Final = "beta"
FALLEN: Final = "silent:1,reversal-silent:1"
FALLS_AFTER_S: Final = 20.0
FALLEN_S: Final = 12.0
FALLS_EVERY_S: Final = 180.0
"""Often enough to be seen by who looks on for a minute, seldom enough for quiet figures."""
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
UP: Final = "pointsman_link_up"
SIGNED: Final = "pointsman_link_signed_on"
HOME, TO_END_OF_LINE, TO_END = "\x1b[H", "\x1b[K", "\x1b[J"
VISITOR_TID: Final = "12345678"
HINT: Final = (
    f"Your own terminal: MID 898100053310001, TID {VISITOR_TID}, test master key "
    "0123456789ABCDEFFEDCBA9876543210"
)


@dataclass(slots=True)
class LiveDemo:
    """One live demo; ``seconds`` ends it by itself."""

    plan: Plan
    start_house: StartHouse
    output: TextIO
    seconds: float | None = None
    effects: Effects = field(default_factory=Effects)
    screen: Screen = field(init=False)

    def __post_init__(self) -> None:
        self.screen = Screen("Pointsman demo", (f"Data in {self.plan.data}",), HINT)

    async def run(self) -> None:
        """Start, draw until the end, stop; raises ProgramFailedError."""
        self._say("starting: database, HSM, workers, acquirers, terminals")
        began_at = trio.current_time()
        async with world(self.plan, self.start_house, self._take) as made:
            for name, mood in MOODS.items():
                made.acquirers[name].say(f"mood {mood}")
            await command("user", "demo", "--json", *where(self.plan))
            self.screen.state = "running"
            async with trio.open_nursery() as nursery:
                stop = nursery.cancel_scope.cancel
                nursery.start_soon(_until_signal, stop)
                nursery.start_soon(self._look, made)
                nursery.start_soon(self._draw, began_at)
                nursery.start_soon(self._fall, made.acquirers[FALLS].say)
                if self.seconds is not None:
                    await trio.sleep(self.seconds)
                    stop()
            self._say("stopping: terminals reverse what they owe, then all ends")
        self._say(f"stopped; `pointsman demo` goes on with the data in {self.plan.data}")

    def _take(self, _program: str, event: Event) -> None:
        if event.get("event") == "done":
            done = msgspec.convert(event, Done)
            self.screen.saw(Seen(trio.current_time(), self._clock(), done))

    async def _fall(self, say: Callable[[str], None]) -> None:
        """Let an acquirer fall silent now and then, and tell what is to be seen."""
        self._tell_now(f"terminals pay; {FALLS} will soon fall silent")
        await trio.sleep(FALLS_AFTER_S)
        while True:
            say(f"mood {FALLEN}")
            self._tell_now(f"{FALLS} answers nobody: terminals are told 98, reversals are owed")
            await trio.sleep(FALLEN_S)
            say(f"mood {MOODS[FALLS]}")
            self._tell_now(f"{FALLS} answers again: what is owed is sent until it is acknowledged")
            await trio.sleep(FALLS_EVERY_S - FALLEN_S)

    def _tell_now(self, text: str) -> None:
        self.screen.now = f"{self._clock()}  {text}"

    def _clock(self) -> str:
        return self.effects.now().astimezone().strftime("%H:%M:%S")

    async def _look(self, made: World) -> None:
        """Look at the house again and again."""
        while True:
            status = made.look.status()
            if status is not None:
                self.screen.processes = [(p.name, p.state) for p in status.processes]
                listener = status.listeners[0]
                ports = (status.metrics_port, *(p.metrics_port for p in status.processes))
                pages = [port for port in ports if port]
                self.screen.addresses = (
                    f"Terminals connect to {listener.host}:{listener.port}",
                    "Metrics: http://127.0.0.1:PORT/metrics, ports " + ", ".join(map(str, pages)),
                    f"Data in {self.plan.data}",
                    *console_lines(status),
                )
                samples: list[Sample] = []
                for process in status.processes:
                    if process.name.startswith("worker") and process.metrics_port:
                        samples += await scrape("127.0.0.1", process.metrics_port)
                self._take_samples(samples)
            await trio.sleep(LOOK_S)

    def _take_samples(self, samples: list[Sample]) -> None:
        up = {s.labels.get("link", ""): s.value > 0 for s in samples if s.name == UP}
        signed = {s.labels.get("link", ""): s.value > 0 for s in samples if s.name == SIGNED}
        if up:
            self.screen.links = [LinkLine(n, up[n], signed.get(n, False)) for n in up]
        owed = [s.value for s in samples if s.name == "pointsman_saf_depth"]
        self.screen.owed = int(sum(owed)) if owed else None

    async def _draw(self, began_at: float) -> None:
        if not self.output.isatty():
            await self._draw_plain(began_at)
            return
        self._write(ENTER)
        try:
            while True:
                now = trio.current_time()
                width, height = shutil.get_terminal_size()
                # The newline behind the last line must not scroll the first away.
                lines = self.screen.lines(now, int(now - began_at), width, height - 1)
                body = "".join(f"{line}{TO_END_OF_LINE}\n" for line in lines)
                self._write(HOME + body + TO_END)
                await trio.sleep(DRAW_S)
        finally:
            self._write(LEAVE)

    async def _draw_plain(self, began_at: float) -> None:
        while True:
            await trio.sleep(PLAIN_LINE_S)
            now = trio.current_time()
            lines = self.screen.lines(now, int(now - began_at), 200)
            self._say("; ".join(" ".join(line.split()) for line in lines[2:8] if line.strip()))

    def _say(self, text: str) -> None:
        self._write(f"pointsman demo: {text}\n")

    def _write(self, text: str) -> None:
        self.output.write(text)
        self.output.flush()


async def _until_signal(stop: Callable[[], None]) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop()
            return


def console_lines(status: StatusLook) -> tuple[str, ...]:
    """Return where the back office is."""
    console = status.process("console")
    if console is None:
        return ()
    return (
        f"Console: http://127.0.0.1:{console.metrics_port}/ (accounts and code on its first page)",
    )
