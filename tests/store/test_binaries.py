"""PostgreSQL's programs: found in the wheel, and copied for a user who cannot go there."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from pointsman.store.binaries import ServerError, executable, identity, version_of, wheel_binaries


def test_the_wheel_has_a_server() -> None:
    who = identity()
    assert int(version_of(executable(wheel_binaries(), who), who)) >= 15


def test_a_directory_without_a_server_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="no PostgreSQL binaries"):
        executable(tmp_path, identity())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose server runs as another user")
def test_binaries_below_a_private_directory_are_copied_once() -> None:
    who = identity()
    wheel = wheel_binaries().parents[1]
    with tempfile.TemporaryDirectory(prefix="pointsman-private-") as name:
        private = Path(name)
        private.chmod(0o700)
        skip = shutil.ignore_patterns("include", "*.a", "pgxs", "pginstall")
        shutil.copytree(wheel, private / wheel.name, symlinks=True, ignore=skip)
        libraries = wheel.with_name(wheel.name + ".libs")
        shutil.copytree(libraries, private / libraries.name)
        hidden = private / wheel.name / "pginstall18" / "bin"
        copied = executable(hidden, who)
        try:
            assert not copied.is_relative_to(private)
            assert version_of(copied, who) == version_of(wheel_binaries(), {})
            made_at = (copied / "postgres").stat().st_mtime_ns, (copied / "postgres").stat().st_ino
            assert executable(hidden, who) == copied
            again = (copied / "postgres").stat()
            assert (again.st_mtime_ns, again.st_ino) == made_at
        finally:
            shutil.rmtree(copied.parents[2])
