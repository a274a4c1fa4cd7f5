"""Which children the house has, and how each is started (switch/roster.py)."""

import os
import signal
import socket
from pathlib import Path

import pytest

from pointsman.config import parse
from pointsman.directory import DataDirectory
from pointsman.effects import Effects
from pointsman.switch.child import Handover
from pointsman.switch.hsmbackend import switch_sockets
from pointsman.switch.roster import (
    PassphraseError,
    answers,
    clerk_specs,
    hsm_specs,
    listens,
    passphrase_path,
    read_passphrase,
    worker_specs,
)


def house(root: Path) -> DataDirectory:
    directory = DataDirectory(root, os.getuid())
    directory.hsm.mkdir(exist_ok=True)
    return directory


def test_each_worker_has_a_number_a_control_socket_and_a_metrics_port(tmp_path: Path) -> None:
    config = parse("[workers]\ncount = 3\n", {})
    specs = worker_specs(config, house(tmp_path), Path("/etc/pointsman.toml"))
    assert [spec.name for spec in specs] == ["worker-0", "worker-1", "worker-2"]
    assert [spec.metrics_port for spec in specs] == [9583, 9584, 9585]
    assert {spec.handover for spec in specs} == {Handover.CONTROL}
    assert {spec.death_signal for spec in specs} == {signal.SIGKILL}
    assert specs[2].argv[1:] == (
        *("-m", "pointsman", "worker", "--data", str(tmp_path)),
        *("--config", "/etc/pointsman.toml", "--number", "2"),
    )


def test_workers_are_numbered_from_the_first_session_of_their_house(tmp_path: Path) -> None:
    config = parse("[workers]\ncount = 2\nfirst = 10\n", {})
    specs = worker_specs(config, house(tmp_path), None)
    assert [spec.name for spec in specs] == ["worker-10", "worker-11"]
    assert [spec.metrics_port for spec in specs] == [9593, 9594]
    assert specs[1].argv[-2:] == ("--number", "11")


def test_metrics_that_are_off_are_told_as_off(tmp_path: Path) -> None:
    config = parse("[metrics]\nworkers = 0\nclerk = 0\n", {})
    specs = worker_specs(config, house(tmp_path), None) + clerk_specs(config, house(tmp_path), None)
    assert {spec.metrics_port for spec in specs} == {0}
    assert "--config" not in specs[0].argv


def test_laboratory_makes_its_passphrase_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    config, directory = parse("", {}), house(tmp_path)
    path = passphrase_path(config, directory, Effects())
    secret = read_passphrase(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(secret) == 64
    assert read_passphrase(passphrase_path(config, directory, Effects())) == secret
    spec = hsm_specs(config, directory, path)[0]
    assert spec.handover is Handover.PASSPHRASE
    assert spec.secret is not None
    assert spec.secret() == secret
    assert secret.decode() not in " ".join(spec.argv)


def test_processes_of_the_hsm_share_its_store_and_have_sockets_of_their_own(tmp_path: Path) -> None:
    config, directory = parse("[hsm]\nprocesses = 3\n", {}), house(tmp_path)
    specs = hsm_specs(config, directory, tmp_path / "passphrase")
    assert [spec.name for spec in specs] == ["hsm-0", "hsm-1", "hsm-2"]
    assert [spec.argv[-2:] for spec in specs] == [("--instance", str(n)) for n in range(3)]
    assert {spec.argv[:-1] for spec in specs} == {specs[0].argv[:-1]}
    names = [Path(path).name for path in switch_sockets(config.hsm, directory.hsm_sockets)]
    assert names == ["switch.sock", "switch-1.sock", "switch-2.sock"]


def test_live_mode_wants_a_passphrase_file_by_name(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match=r"hsm\.passphrase_file"):
        passphrase_path(parse("[hsm]\nmode = 'live'\n", {}), house(tmp_path), Effects())


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("long enough\n", 0o644, "may be read by others"),
        ("short\n", 0o600, "8 to 1024 bytes"),
        ("x" * 1025, 0o600, "8 to 1024 bytes"),
    ],
)
def test_unfit_passphrase_file_is_refused_without_its_text(
    text: str, mode: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "passphrase"
    path.write_text(text)
    path.chmod(mode)
    config = parse(f"[hsm]\npassphrase_file = '{path}'\n", {})
    with pytest.raises(PassphraseError, match=words) as error:
        passphrase_path(config, house(tmp_path), Effects())
    assert text.strip() not in str(error.value)


def test_missing_passphrase_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match="no-such: No such file"):
        read_passphrase(tmp_path / "no-such")


def test_socket_answers_when_somebody_listens(tmp_path: Path) -> None:
    path = tmp_path / "s"
    look = answers(path)
    assert not look()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert not look()
        listener.listen()
        assert look()


def test_the_console_is_ready_when_its_port_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert listens("127.0.0.1", port)()
        assert listens("", port)()  # every interface: this machine is asked
    assert not listens("127.0.0.1", port)()
