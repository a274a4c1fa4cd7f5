"""Log files stay below their size and a few old ones are kept (switch/logfiles.py)."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from pointsman.switch.logfiles import LOG_OLD_FILES_MAX, LOOK_EVERY_S, rotate, rotate_for_ever


def test_long_log_is_moved_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "worker-0.log"
    with path.open("ab", buffering=0) as writer:
        for number in range(LOG_OLD_FILES_MAX + 2):
            writer.write(b"%d" % number * 20)
            rotate(tmp_path, 10)
            assert path.stat().st_size == 0
        writer.write(b"short")
        rotate(tmp_path, 10)
    assert path.read_bytes() == b"short"  # the file it holds is still the one that is read
    old = sorted(file.name for file in tmp_path.iterdir())
    assert old == ["worker-0.log"] + [f"worker-0.log.{n + 1}" for n in range(LOG_OLD_FILES_MAX)]
    assert (tmp_path / "worker-0.log.1").read_bytes() == b"4" * 20
    assert (tmp_path / "worker-0.log.3").read_bytes() == b"2" * 20


async def test_logs_that_cannot_be_moved_do_not_end_the_house(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    (tmp_path / "a.log").symlink_to(tmp_path / "nothing")  # stat fails on it
    with pytest.raises(FileNotFoundError):
        rotate(tmp_path, 10)
    with trio.move_on_after(10 * LOOK_EVERY_S) as scope:
        await rotate_for_ever(tmp_path)
    assert scope.cancelled_caught


def test_short_log_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "clerk.log").write_bytes(b"0123456789")
    rotate(tmp_path, 10)
    assert [file.name for file in tmp_path.iterdir()] == ["clerk.log"]
