"""`pointsman demo`: a second house on the same directory is refused; options reach the plan."""

import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.cli import demo, main
from pointsman.cli.demo_history import UNFINISHED
from pointsman.cli.options import Exit
from pointsman.sim.demo_processes import ProgramFailedError
from pointsman.switch.lock import hold


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


@pytest.mark.parametrize("more", [(), ("--reset",)])
def test_a_second_demo_takes_nothing_away_from_the_first(
    more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / UNFINISHED).touch()  # as while the first one makes its past
    with hold(tmp_path / "demo" / "lock"):
        assert main(["demo", "--data", str(tmp_path), *more]) == Exit.FAILED
        assert {one.name for one in (tmp_path / "demo").iterdir()} == {"lock", UNFINISHED}
    assert "end that one first" in capsys.readouterr().err


def _raising(fault: BaseException) -> None:
    """End as a nursery within a nursery does."""
    raise BaseExceptionGroup("outer", [BaseExceptionGroup("inner", [fault])])


def test_a_refusal_of_the_system_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.ended(lambda: _raising(OSError(28, "No space left on device"))) == 1
    assert capsys.readouterr().err == "pointsman: No space left on device\n"


def test_ctrl_c_while_it_starts_ends_it_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert demo.ended(lambda: _raising(KeyboardInterrupt())) == 0
    assert capsys.readouterr().err == "pointsman: stopped before it ran\n"


def test_a_program_that_failed_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.ended(lambda: _raising(ProgramFailedError("alpha ended"))) == 1
    assert capsys.readouterr().err == "pointsman: alpha ended\n"
