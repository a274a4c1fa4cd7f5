"""Files on disk: whole or not at all, whichever act is the last before a death."""

from pathlib import Path

import pytest

from pointsman.settlement.disk import publish
from tests.settlement.days import DAY

FILES = {"a.csv": b"first\r\n" * 100, "b.csv": b"", "manifest.json": b"{}\n"}


class Death(BaseException):
    """Ends the writer as a kill would: nothing of it runs on but the closing of descriptors."""


class Until:
    """Dies at the n-th act; counts them."""

    def __init__(self, last: int | None = None) -> None:
        self.acts: list[str] = []
        self._last = last

    def __call__(self, step: str) -> None:
        self.acts.append(step)
        if len(self.acts) == self._last:
            raise Death


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_files_are_written_with_their_bytes_and_for_the_owner_alone(tmp_path: Path) -> None:
    directory = publish(tmp_path / "files", DAY, FILES)
    assert directory == tmp_path / "files" / "2026-11-22"
    assert contents(directory) == FILES
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


def test_second_run_touches_no_file_that_has_its_bytes(tmp_path: Path) -> None:
    directory = publish(tmp_path, DAY, FILES)
    before = {path.name: path.stat().st_mtime_ns for path in directory.iterdir()}
    until = Until()
    publish(tmp_path, DAY, FILES, until)
    assert until.acts == ["make directory"]
    assert {path.name: path.stat().st_mtime_ns for path in directory.iterdir()} == before


def test_file_that_was_damaged_is_written_again(tmp_path: Path) -> None:
    directory = publish(tmp_path, DAY, FILES)
    (directory / "a.csv").write_bytes(b"damaged")
    (directory / "kept.txt").write_bytes(b"someone's own")
    publish(tmp_path, DAY, FILES)
    assert contents(directory) == {**FILES, "kept.txt": b"someone's own"}


def test_death_at_any_act_leaves_whole_files_and_the_next_run_completes_them(
    tmp_path: Path,
) -> None:
    counted = Until()
    publish(tmp_path / "counted", DAY, FILES, counted)
    assert len(counted.acts) == 1 + 5 * len(FILES)
    for last in range(1, len(counted.acts) + 1):
        root = tmp_path / str(last)
        with pytest.raises(Death):
            publish(root, DAY, FILES, Until(last))
        directory = root / "2026-11-22"
        there = contents(directory) if directory.is_dir() else {}
        whole = {name: held for name, held in there.items() if not name.endswith(".part")}
        assert whole.items() <= FILES.items()
        if "manifest.json" in whole:
            assert whole == FILES
        assert contents(publish(root, DAY, FILES)) == FILES
