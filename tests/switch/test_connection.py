"""One connection without a loop: what it hands over, what it asks of its exchange, how it ends."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from pointsman.codecs.framing import get_framing
from pointsman.config import Limits
from pointsman.switch.connection import Connection

FRAMING = replace(get_framing("len2"), size_max=100)
LIMITS = msgspec.structs.replace(Limits(), in_flight_per_connection=2, idle_s=30.0, frame_s=5.0)


class Turns:
    """An exchange that only notes what it was asked."""

    def __init__(self) -> None:
        self.listens = False
        self.woken = 0
        self.waits_writable = False

    def listen(self, connection: Connection) -> None:
        assert not self.listens
        self.listens = True

    def pause(self, connection: Connection) -> None:
        assert self.listens
        self.listens = False

    def wake(self, connection: Connection) -> None:
        self.woken += 1

    def wait_writable(self, connection: Connection) -> None:
        self.waits_writable = True


class Made:
    """A connection, its peer's socket and everything it told."""

    def __init__(self) -> None:
        ours, self.peer = socket.socketpair()
        ours.setblocking(False)
        self.turns = Turns()
        self.frames: list[bytes] = []
        self.ends: list[str] = []
        self.connection = Connection(
            ours,
            "pos",
            FRAMING,
            LIMITS,
            self.turns,
            on_frame=lambda _, frame: self.frames.append(frame),
            on_end=lambda _, reason: self.ends.append(reason),
            now=0.0,
        )

    def say(self, *bodies: bytes) -> None:
        self.peer.send(b"".join(len(body).to_bytes(2, "big") + body for body in bodies))
        self.connection.receive(1.0)


@pytest.fixture
def made() -> Iterator[Made]:
    made = Made()
    yield made
    made.connection.close()
    made.peer.close()


def test_it_listens_from_the_beginning(made: Made) -> None:
    assert made.turns.listens


def test_it_does_not_listen_while_a_frame_waits_for_room(made: Made) -> None:
    made.say(b"one", b"two", b"three")
    assert made.frames == [b"one", b"two"]
    assert not made.turns.listens
    made.connection.drop()
    assert made.turns.woken == 1
    made.connection.turn()
    assert made.frames == [b"one", b"two", b"three"]
    assert made.turns.listens


def test_a_request_that_gets_no_answer_asks_for_no_turn_when_nothing_waits(made: Made) -> None:
    made.say(b"one")
    made.connection.drop()
    assert made.turns.woken == 0


def test_a_closed_half_ends_it_only_when_everything_is_answered(made: Made) -> None:
    made.say(b"one")
    made.peer.shutdown(socket.SHUT_WR)
    made.connection.receive(1.0)
    assert made.ends == []
    assert not made.turns.listens
    made.connection.put(b"\0\2ok")
    made.connection.turn()
    assert made.peer.recv(100) == b"\0\2ok"
    assert made.ends == ["closed"]


def test_what_follows_a_bad_length_is_given_up_with_the_connection(made: Made) -> None:
    made.peer.send(b"\0\3one\xff\xff")
    made.connection.receive(1.0)
    assert made.frames == [b"one"]
    assert made.ends == ["frame"]


def test_a_reset_ends_it_at_once(made: Made) -> None:
    made.say(b"one")
    made.peer.close()
    taken: list[bool] = []
    made.connection.put(b"\0\2ok", taken.append)
    made.connection.turn()
    assert made.ends == ["reset"]
    assert taken == [False]


def test_it_ends_once(made: Made) -> None:
    made.connection.close()
    made.connection.close("again")
    assert made.ends == ["limit"]
    assert not made.turns.listens


def test_an_answer_that_the_peer_does_not_read_waits_for_room(made: Made) -> None:
    taken: list[bool] = []
    made.connection.in_flight += 200
    while not made.turns.waits_writable:
        made.connection.put(b"x" * 10_000, taken.append)
        made.connection.turn()
    assert made.connection.unsent_bytes > 0
    assert made.ends == []
