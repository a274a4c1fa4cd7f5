"""The front's frames: headers and trailers come back, limits end the connection."""

import json
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.cli.hsm_keys import ask
from pointsman.hsm import commands as c
from pointsman.hsm.hostcommands import COMMANDS, Front
from pointsman.hsm.hostfields import MESSAGE_SIZE_MAX
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.listener import ServerOptions
from pointsman.hsm.payshield_front import HostReader, answer_frame
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.server import start_refusal
from pointsman.hsm.wire import FrameError
from tests.hsm.processes import HsmProcess, hsm

REAL = frozenset({Role.SWITCH, Role.OPERATOR})
FRONT = Front(HostKeys(bytes, lmk_kcv="ABCDEF"), frozenset(COMMANDS))


@given(st.lists(st.binary(min_size=6, max_size=40), max_size=4), st.integers(1, 9))
def test_messages_survive_in_any_pieces(messages: list[bytes], step: int) -> None:
    data = b"".join(len(message).to_bytes(2) + message for message in messages)
    reader = HostReader(4)
    chunks = [data[at : at + step] for at in range(0, len(data), step)]
    assert [got for chunk in chunks for got in reader.feed(chunk)] == messages


@pytest.mark.parametrize("size", [0, 5, MESSAGE_SIZE_MAX + 1, 0xFFFF])
def test_length_outside_the_limits_ends_the_connection(size: int) -> None:
    with pytest.raises(FrameError, match="length"):
        HostReader(4).feed(size.to_bytes(2))


def test_header_and_trailer_are_echoed() -> None:
    assert answer_frame(FRONT, 4, b"0042NC") == b"\x00\x210042ND00ABCDEF00000000000007-E000"
    made = answer_frame(FRONT, 2, b"abNC\x19trailer")
    assert made.endswith(b"\x19trailer")
    assert made[2:8] == b"abND00"
    assert int.from_bytes(made[:2]) == len(made) - 2


def test_binary_data_may_hold_the_trailer_s_mark() -> None:
    assert answer_frame(FRONT, 0, b"B20003a\x19b")[2:] == b"B300a\x19b"


def test_front_is_served_beside_the_sockets(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with hsm(tmp_path, "--host-port", str(port)) as process:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
            link.sendall(b"\x00\x060007NC")
            answer = link.recv(100)
            link.sendall(b"\x00\x060008A6")
            refused = link.recv(100)
            link.sendall(b"\x00\x01")
            assert link.recv(100) == b""
        counted = counters(process)
        written = process.stop()
    assert answer[2:10] == b"0007ND00"
    assert {(name, result): n for name, result, n in counted if name == "host command"} == {
        ("host command", "NC"): 1,
        ("host command", "A6"): 1,
    }
    assert refused[2:] == b"0008A768"
    events = [json.loads(line)["event"] for line in written.splitlines() if line.startswith(b"{")]
    assert "hsm_serves" in events


def counters(process: HsmProcess) -> tuple[tuple[str, str, int], ...]:
    found = ask(process.sockets, c.AskCounters())
    assert isinstance(found, c.Counters)
    return found.calls


def test_live_mode_has_no_front(tmp_path: Path) -> None:
    options = ServerOptions(tmp_path, tmp_path, Mode.LIVE, roles=REAL, host_port=1)
    assert "host command front" in start_refusal(options, [])


def test_live_mode_does_without_nothing(tmp_path: Path) -> None:
    options = ServerOptions(tmp_path, tmp_path, Mode.LIVE)
    assert "simulators" in start_refusal(options, [])
    options = ServerOptions(tmp_path, tmp_path, Mode.LIVE, roles=REAL)
    assert "memory locked" in start_refusal(options, ["memory locked"])
    assert start_refusal(options, []) == ""
    assert start_refusal(ServerOptions(tmp_path, tmp_path), ["memory locked"]) == ""
