"""Files are put down for their owner alone, under the day's name."""

from datetime import date
from pathlib import Path

from pointsman.history.day_files import put_down


async def test_files_lie_in_the_days_directory(tmp_path: Path) -> None:
    directory = await put_down(tmp_path / "files", date(2026, 3, 9), {"batches.csv": b"a,b\r\n"})
    assert directory == tmp_path / "files" / "2026-03-09"
    file = directory / "batches.csv"
    assert file.read_bytes() == b"a,b\r\n"
    assert file.stat().st_mode & 0o077 == 0
    assert directory.stat().st_mode & 0o077 == 0
