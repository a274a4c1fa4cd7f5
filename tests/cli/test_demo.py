"""`pointsman demo`: a second house on the same directory is refused; options reach the plan."""

import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.cli import demo, main
from pointsman.sim.demo_processes import ProgramFailedError


def test_help_tells_of_the_smoke_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["demo", "--help"])
    assert end.value.code == 0
    assert "--headless" in capsys.readouterr().out


def test_what_is_started_writes_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "switch.log"
    started = demo._start_house([sys.executable, "-c", "print('here')"], log)
    assert isinstance(started, subprocess.Popen)
    assert started.wait(timeout=30) == 0
    assert log.read_text() == "here\n"


def _raising(fault: BaseException) -> None:
    """End as a nursery within a nursery does."""
    raise BaseExceptionGroup("outer", [BaseExceptionGroup("inner", [fault])])


def test_ctrl_c_while_it_starts_ends_it_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert demo.ended(lambda: _raising(KeyboardInterrupt())) == 0
    assert capsys.readouterr().err == "pointsman: stopped before it ran\n"


def test_a_program_that_failed_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.ended(lambda: _raising(ProgramFailedError("alpha ended"))) == 1
    assert capsys.readouterr().err == "pointsman: alpha ended\n"
