"""Where things lie below the data directory (directory.py)."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pointsman.directory import SOCKET_PATH_SIZE_MAX, DataDirectory

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=80)


def test_everything_lies_below_the_data_directory() -> None:
    directory = DataDirectory(Path("/srv/pointsman"), 7)
    for path in (
        directory.postgres,
        directory.run,
        directory.hsm,
        directory.hsm_sockets,
        directory.passphrase_file,
        directory.files,
        directory.logs,
        directory.lock,
        directory.status,
    ):
        assert path.is_relative_to(directory.root)


@given(st.lists(NAMES, min_size=1, max_size=6), st.integers(0, 2**31))
def test_socket_paths_always_fit_the_kernel(names: list[str], uid: int) -> None:
    directory = DataDirectory(Path("/").joinpath(*names), uid)
    socket = directory.hsm_sockets / "simulator-7.4194304"
    assert len(str(socket).encode()) <= SOCKET_PATH_SIZE_MAX


def test_deep_directories_get_run_directories_of_their_own() -> None:
    deep = Path("/srv") / ("x" * 100)
    runs = {
        DataDirectory(deep / "a", 7).run,
        DataDirectory(deep / "b", 7).run,
        DataDirectory(deep / "a", 8).run,
    }
    assert len(runs) == 3
