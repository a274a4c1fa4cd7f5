"""Programs beside the house: spoken to, waited for, stopped, found by their command line."""

import sys
from pathlib import Path

import pytest
import trio

from pointsman.sim import demo_processes
from pointsman.sim.demo_processes import (
    Event,
    Program,
    ProgramFailedError,
    command,
    first_of,
    kill_now,
    last_line,
    processes_with,
)

ECHO = """
import sys
print('{"event":"listening","port":7}', flush=True)
for line in sys.stdin:
    if line.strip() == "stop":
        break
    print('{"event":"heard","line":"%s"}' % line.strip(), flush=True)
    print("no json", flush=True)
"""
DEAF = "import time\ntime.sleep(600)  # deaf-program-of-a-test"


def program(tmp_path: Path, source: str, events: list[Event]) -> Program:
    made = Program("echo", ["-c", source], tmp_path / "log", events.append)
    made.command = (sys.executable,)
    return made


async def test_a_program_is_spoken_to_and_stops(tmp_path: Path) -> None:
    events: list[Event] = []
    async with trio.open_nursery() as nursery:
        one = program(tmp_path, ECHO, events)
        await nursery.start(one.run)
        if "listening" not in one.last:
            await one.wait_for("listening")
        assert (await one.ask("pause", "heard"))["line"] == "pause"
        await one.stop()
    assert one.process.poll() == 0
    one.say("nobody hears this")
    with pytest.raises(ProgramFailedError, match="echo ended"):
        await one.wait_for("heard")


async def test_a_deaf_program_is_killed_with_its_task(tmp_path: Path) -> None:
    async with trio.open_nursery() as nursery:
        one = program(tmp_path, DEAF, [])
        await nursery.start(one.run)
        with trio.fail_after(5):
            while True:
                if one.process.pid in processes_with("deaf-program-of-a-test"):
                    break
                await trio.sleep(0.01)
        nursery.cancel_scope.cancel()
    assert one.process.poll() is not None
    assert processes_with("deaf-program-of-a-test") == []


async def test_a_command_gives_its_object_or_its_complaint(tmp_path: Path) -> None:
    ledger = tmp_path / "a.jsonl"
    ledger.write_bytes(b'{"kind":"started","at":"","name":"alpha","format":"f","layout":1}\n')
    found = await command("sim", "ledger", str(ledger))
    assert found["settled_minor"] == {"acquirer": 0}
    with pytest.raises(ProgramFailedError, match="No such file"):
        await command("sim", "ledger", str(tmp_path / "none"))


def test_the_last_word_is_the_complaint(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert "nothing" in last_line(log)
    log.write_text("pointsman: port 8583 is busy\n{...}\n")
    assert last_line(log) == "pointsman: port 8583 is busy"


def test_killing_who_is_gone_is_no_error() -> None:
    kill_now(2**22 + 1)
    assert demo_processes.POINTSMAN[0] == sys.executable


def test_the_first_error_is_found_however_deep_it_lies() -> None:
    inner = BaseExceptionGroup("inner", [ProgramFailedError("alpha ended")])
    assert str(first_of(BaseExceptionGroup("outer", [inner]))) == "alpha ended"
