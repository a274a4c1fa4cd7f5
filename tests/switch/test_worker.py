"""One worker process's life over its control socket: begin, ready, a connection, the end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from pointsman.codecs.codec import Codec
from pointsman.codecs.framing import Envelope, get_framing
from pointsman.store.leases import BEAT_S
from pointsman.store.pool import Pool
from pointsman.store.records_sql import PostgresRecords
from tests.codecs.golden import golden
from tests.switch.lives import POS
from tests.switch.whole import NII

TPDU = bytes.fromhex("6005010000")
BOUND_S = 60.0  # for a broken machine, not a measurement
MACHINE = socket.gethostname()
LABEL = b"terminals\x00127.0.0.1:40000"
NII_LABEL = b"nii\x00127.0.0.1:40001"
DOORS = ("dial33", "ascii4-tpdu")  # other framings than the settings' own: those are everywhere


@dataclass
class Supervisor:
    """The other end of the control socket, and the process."""

    control: trio.socket.SocketType
    process: subprocess.Popen[bytes]

    async def heard(self) -> bytes:
        return await self.control.recv(512)

    def hand_over(self, label: bytes = LABEL) -> trio.SocketStream:
        """Hand the worker one end of a connection; return the terminal's end."""
        theirs, ours = socket.socketpair()
        with theirs, socket.socket(fileno=os.dup(self.control.fileno())) as control:
            socket.send_fds(control, [label], [theirs.fileno()])
        return trio.SocketStream(trio.socket.from_stdlib_socket(ours))

    async def ended(self) -> int:
        return await trio.to_thread.run_sync(self.process.wait, BOUND_S)


def started(database: str, directory: Path) -> Supervisor:
    """A worker process of a site with nobody in it; there is no HSM behind its socket."""
    config = directory / "pointsman.toml"
    doors = f'[terminals]\nframing = "{DOORS[0]}"\nnii_framing = "{DOORS[1]}"\n'
    config.write_text(f'[database]\nurl = "{database}"\n[metrics]\nworkers = 0\n{doors}')
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    number = theirs.fileno()
    words = ["worker", "--data", str(directory), "--config", str(config), "--number", "0"]
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "pointsman", *words, "--control-fd", str(number)],
            pass_fds=[number],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return Supervisor(trio.socket.from_stdlib_socket(ours), process)


@asynccontextmanager
async def running(database: str, directory: Path) -> AsyncIterator[Supervisor]:
    """Start a worker and wait until it is ready."""
    supervisor = started(database, directory)
    try:
        with trio.fail_after(BOUND_S), supervisor.control:
            assert await supervisor.heard() == b"ready"
            yield supervisor
    finally:
        supervisor.process.kill()
        supervisor.process.wait()


async def heard_as_unknown(
    terminal: trio.SocketStream, envelope: Envelope, name: str, codec: Codec
) -> None:
    """Ask for a sale in that framing as a terminal that nobody knows, over its connection."""
    framing = get_framing(name)
    async with terminal:
        await terminal.send_all(framing.close(envelope, envelope.body))
        [frame] = framing.reader().feed(bytes(await terminal.receive_some()))
        answered = framing.open(frame)
        answer = codec.decode(answered.body)
        assert (answer.mti, answer[39]) == ("0210", "97")
        assert answered.monitor == envelope.monitor


async def test_a_connection_that_is_handed_over_is_served_and_its_end_is_told(
    database: str, tmp_path: Path
) -> None:
    async with running(database, tmp_path) as supervisor:
        asked = golden("cup-sale-swipe-pin-req")
        header = bytes.fromhex("603100311003")
        monitor = b"LRI\x00\x1c" + bytes(28)
        envelope = Envelope(TPDU, header, asked.body, monitor)
        await heard_as_unknown(supervisor.hand_over(), envelope, DOORS[0], POS)
        assert await supervisor.heard() == b"closed\0" + LABEL
        envelope = Envelope(TPDU, b"", golden("nii-sale-repeat-0201-req").body)
        await heard_as_unknown(supervisor.hand_over(NII_LABEL), envelope, DOORS[1], NII)
        assert await supervisor.heard() == b"closed\0" + NII_LABEL


async def test_it_ends_by_itself_when_its_supervisor_is_gone(database: str, tmp_path: Path) -> None:
    async with running(database, tmp_path) as supervisor:
        supervisor.control.close()
        assert await supervisor.ended() == 0


async def test_at_sigterm_it_drains_and_ends(database: str, tmp_path: Path) -> None:
    async with running(database, tmp_path) as supervisor:
        supervisor.process.terminate()
        assert await supervisor.ended() == 0


async def test_it_begins_as_the_next_incarnation_of_its_number(
    database: str, tmp_path: Path
) -> None:
    pool = Pool(database)
    before, _ = await PostgresRecords(pool).begin(f"{MACHINE}:{tmp_path}", 0)
    async with running(database, tmp_path):
        rows = await pool.rows("select incarnation, state from incarnations order by 1")
    pool.close()
    assert [(row[0] > before, row[1]) for row in rows] == [(False, "recovered"), (True, "alive")]


async def test_the_worker_of_a_second_house_waits_until_the_first_stands_still(
    database: str, tmp_path: Path
) -> None:
    """Two houses over one database: the one that was stopped past its lease ends when it wakes."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with running(database, tmp_path / "one") as first:
        second = started(database, tmp_path / "two")
        try:
            with trio.move_on_after(2 * BEAT_S), second.control:
                raise AssertionError(await second.heard())  # before the first stands still
            first.process.send_signal(signal.SIGSTOP)
        finally:
            second.process.kill()
            second.process.wait()
        async with running(database, tmp_path / "two"):
            first.process.send_signal(signal.SIGCONT)
            assert await first.ended() == 1
        pool = Pool(database)
        states = await pool.rows("select state from incarnations order by incarnation")
        assert states[0] == ("recovered",)
        pool.close()
