"""The sockets: roles, hostile bytes, counters, and who is let in."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.engine import MALFORMED, REFUSED
from pointsman.hsm.faults import FAULTS_MAX, LIMITED
from pointsman.hsm.pinblock import encode
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.hsm.wire import FRAME_SIZE_MAX, frame
from tests.hsm.laboratory import PAN, PIK, ZMK
from tests.hsm.processes import HsmProcess, hsm
from tests.hsm.test_server import answers, connect


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HsmProcess]:
    with hsm(tmp_path_factory.mktemp("hsm")) as process:
        yield process


def is_closed(link: socket.socket, data: bytes) -> bool:
    try:
        link.sendall(data)
        return link.recv(1) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    ("role", "request_made", "allowed"),
    [
        ("switch", c.TokenOf(PAN), True),
        ("switch", c.NewKey("TMK"), True),
        ("switch", c.ImportKey("TMK", "00" * 16), False),
        ("switch", c.Rewrap(()), False),
        ("switch", c.VerifyPin(b"", b"", b"", "", "1", ""), False),
        ("operator", c.ImportKey("ZAK", "0123456789ABCDEFFEDCBA9876543210"), True),
        ("operator", c.OpenPan(b"", b""), False),
        ("operator", c.Outbound(), False),
        ("simulator", c.ImportKey("ZAK", "0123456789ABCDEFFEDCBA9876543210"), True),
    ],
)
def test_each_socket_has_its_role(
    running: HsmProcess, role: str, request_made: c.Request, allowed: bool
) -> None:
    with connect(running, role) as link:
        (answer,) = answers(link, frame([(1, request_made)]))
        assert (answer == REFUSED) != allowed


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
        (FRAME_SIZE_MAX + 1).to_bytes(4),
        b"\x00\x00\x00\x03\x02\x90\x90",
        b"\x00\x00\x00\x02\x01\xc1",
        b"\x00\x00\x00\x06\x01\xdd\xff\xff\xff\xff",
        b"\x00\x00\x00\x06\x01\xdf\xff\xff\xff\xff",
        b"\x00\x01\x86\xa1\x01" + b"\x91" * 100_000,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        frame([(n, c.AskHead()) for n in range(1_025)]),
    ],
)
def test_bytes_that_are_no_frame_close_their_connection_alone(
    running: HsmProcess, data: bytes
) -> None:
    with connect(running) as good, connect(running) as bad:
        assert is_closed(bad, data)
        (answer,) = answers(good, frame([(1, c.TokenOf(PAN))]))
        assert isinstance(answer, c.Token)


def test_item_of_a_wrong_type_is_answered_alone(running: HsmProcess) -> None:
    import msgspec  # noqa: PLC0415  (to build what no client of ours would)

    items = [
        (1, "TokenOf", {"pan": 7}),
        (2, "Unheard", {}),
        (3, "Outbound", {"mac": {"key": b""}}),
        (4, "TokenOf", {"pan": PAN}),
    ]
    body = msgspec.msgpack.encode(items)
    with connect(running) as link:
        found = answers(link, (len(body) + 1).to_bytes(4) + b"\x01" + body, 4)
    assert found[:3] == [MALFORMED] * 3
    assert isinstance(found[3], c.Token)


def test_frames_in_any_pieces_are_answered(running: HsmProcess) -> None:
    data = frame([(1, c.TokenOf(PAN)), (2, c.AskHead())])
    with connect(running) as link:
        for at in range(len(data) - 1):
            link.sendall(data[at : at + 1])
        first, second = answers(link, data[-1:], 2)
    assert isinstance(first, c.Token)
    assert isinstance(second, c.Head)


def test_counters_and_head_are_told(running: HsmProcess) -> None:
    with connect(running, "operator") as link:
        before, head = answers(link, frame([(1, c.AskCounters()), (2, c.AskHead())]), 2)
        answers(link, frame([(3, c.NewKey("ZAK"))]))
        after, moved = answers(link, frame([(4, c.AskCounters()), (5, c.AskHead())]), 2)
    assert isinstance(before, c.Counters)
    assert isinstance(after, c.Counters)
    assert isinstance(head, c.Head)
    assert isinstance(moved, c.Head)
    assert moved.sequence == head.sequence + 1
    assert after.mode == "laboratory"
    assert ("NewKey", "ok") in {(name, result) for name, result, _ in after.calls}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_is_not_let_in(running: HsmProcess) -> None:
    running.sockets.chmod(0o755)
    (running.sockets / "switch.sock").chmod(0o666)
    child = os.fork()
    if child == 0:
        try:
            os.chdir(running.sockets)
            os.setgroups([])
            os.setgid(65_534)
            os.setuid(65_534)
            link = socket.socket(socket.AF_UNIX)
            link.connect("switch.sock")
            os._exit(0 if link.recv(1) == b"" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_thousand_bad_pin_blocks_close_their_key_and_raise_one_alarm(tmp_path: Path) -> None:
    with hsm(tmp_path, "--roles", "switch,operator") as process:
        with connect(process, "operator") as link:
            keys = answers(link, frame([(0, c.ImportKey("TPK", PIK.hex())),
                                        (1, c.ImportKey("TPK", ZMK.hex())),
                                        (2, c.NewKey("ZPK"))]), 3)  # fmt: skip
        tpk, other, zpk = [key.block for key in keys if isinstance(key, c.KeyMade)]
        bad = c.Outbound(pin=c.PinTranslate(tpk, zpk, bytes(8), PAN))
        good = c.Outbound(pin=c.PinTranslate(tpk, zpk, pin_block(PIK), PAN))
        beside = c.Outbound(pin=c.PinTranslate(other, zpk, pin_block(ZMK), PAN))
        with connect(process, "switch") as link:
            told = answers(link, frame([(n, bad) for n in range(FAULTS_MAX - 1)]), FAULTS_MAX - 1)
            assert set(told) == {c.OutboundDone(pin_ok=False)}
            assert answers(link, frame([(1, good)])) == [c.OutboundDone(pin_ok=True)]
            assert answers(link, frame([(1, bad)])) == [c.OutboundDone(pin_ok=False)]
            # From now on not even a good block is looked at; another key goes on.
            assert answers(link, frame([(1, good), (2, bad)]), 2) == [LIMITED, LIMITED]
            assert answers(link, frame([(1, beside)])) == [c.OutboundDone(pin_ok=True)]
            (counters,) = answers(link, frame([(1, c.AskCounters())]))
        written = process.stop()
    assert isinstance(counters, c.Counters)
    counts = {result: n for name, result, n in counters.calls if name == "pin"}
    assert counts == {"fault": FAULTS_MAX, "ok": 2, "limited": 2, "alarm": 1}
    events = [json.loads(line) for line in written.splitlines() if line.startswith(b"{")]
    assert [e["reason"] for e in events if e["event"] == "hsm_alarm"] == ["limit of faults reached"]
    log = (tmp_path / "store" / "audit-0.log").read_text()
    assert log.count('"alarm"') == 1


def pin_block(key: bytes) -> bytes:
    return encryptor(Algorithm.TDES, key)(encode(0, "4321", PAN))
