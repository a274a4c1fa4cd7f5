"""The live demo: events and samples reach the screen; drawing on a terminal and elsewhere."""

import io
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec
import trio
from trio.testing import MockClock

from pointsman.sim.demo import ProcessLook, Sample, StatusLook
from pointsman.sim.live import (
    ENTER,
    FALLEN,
    FALLEN_S,
    FALLS,
    FALLS_AFTER_S,
    FALLS_EVERY_S,
    LEAVE,
    MOODS,
    LiveDemo,
    console_lines,
)
from pointsman.sim.live_view import LinkLine
from pointsman.sim.moods import parse_moods
from tests.sim.test_demo_world import plan
from tests.sim.test_live_view import done


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def never(_argv: Sequence[str], _log: Path) -> subprocess.Popen[bytes]:
    raise AssertionError("nothing is started here")


def demo(output: io.StringIO, tmp_path: Path) -> LiveDemo:
    return LiveDemo(plan(tmp_path), never, output)


async def test_events_of_terminals_reach_the_screen(tmp_path: Path) -> None:
    live = demo(io.StringIO(), tmp_path)
    event = msgspec.json.decode(msgspec.json.encode(done()))
    live._take("stay", event)
    live._take("stay", {"event": "summary"})
    assert live.screen.counts["approved"] == 1


def test_samples_of_workers_become_links_and_what_is_owed(tmp_path: Path) -> None:
    live = demo(io.StringIO(), tmp_path)
    live._take_samples(
        [
            Sample("pointsman_link_up", {"acquirer": "alpha", "link": "alpha/0"}, 1.0),
            Sample("pointsman_link_signed_on", {"acquirer": "alpha", "link": "alpha/0"}, 1.0),
            Sample("pointsman_link_up", {"acquirer": "beta", "link": "beta/0"}, 0.0),
            Sample("pointsman_saf_depth", {"acquirer": "alpha", "kind": "reversal"}, 2.0),
            Sample("pointsman_saf_depth", {"acquirer": "beta", "kind": "advice"}, 1.0),
        ]
    )
    expected = [LinkLine("alpha/0", True, True), LinkLine("beta/0", False, False)]
    assert live.screen.links == expected
    assert live.screen.owed == 3


async def test_a_terminal_is_drawn_and_left_as_it_was(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    output = Terminal()
    live = demo(output, tmp_path)
    with trio.move_on_after(3):
        await live._draw(trio.current_time())
    text = output.getvalue()
    assert text.startswith(ENTER)
    assert text.endswith(LEAVE)
    assert text.count("Pointsman demo") == 6


async def test_elsewhere_a_line_now_and_then(tmp_path: Path, autojump_clock: MockClock) -> None:
    output = io.StringIO()
    live = demo(output, tmp_path)
    with trio.move_on_after(11):
        await live._draw(trio.current_time())
    assert len(output.getvalue().splitlines()) == 2
    assert "\x1b" not in output.getvalue()


async def test_an_acquirer_falls_silent_and_comes_back_and_both_are_told(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    live = demo(io.StringIO(), tmp_path)
    said: list[str] = []
    now: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        now.append("\n".join(live.screen.lines(0.0, 0, 120)))

    with trio.move_on_after(FALLS_AFTER_S + FALLS_EVERY_S + FALLEN_S + 1):
        await live._fall(say)
    assert said == [f"mood {FALLEN}", f"mood {MOODS[FALLS]}"] * 2
    assert all(parse_moods(line.removeprefix("mood ")).chances for line in said)
    assert f"{FALLS} will soon fall silent" in now[0]
    assert f"{FALLS} answers nobody" in now[1]
    assert f"{FALLS} answers again" in now[2]


def test_the_console_is_told_where_there_is_one() -> None:
    console = ProcessLook("console", "ready", 1, 1, metrics_port=8580)
    (line,) = console_lines(StatusLook("ready", 1, [], [console]))
    assert line.startswith("Console: http://127.0.0.1:8580/")
    assert console_lines(StatusLook("ready", 1, [], [])) == ()
