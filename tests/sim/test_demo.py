"""The demo's look into the house: status file, metrics page, journal."""

import os
from pathlib import Path

import psycopg
import pytest
import trio

from pointsman.sim.demo import Look, Sample, parse, scrape
from pointsman.switch.status import (
    HouseState,
    ListenerStatus,
    ProcessState,
    ProcessStatus,
    Status,
    encode,
)

PAGE = """# HELP pointsman_link_up 1 while the link's connection stands.
# TYPE pointsman_link_up gauge
pointsman_link_up{acquirer="alpha",link="alpha/0"} 1.0
pointsman_saf_depth{acquirer="alpha",kind="reversal"} 2.0
process_cpu_seconds_total 1.5e+01
nonsense
"""


def test_a_metrics_page_is_read() -> None:
    assert parse(PAGE) == [
        Sample("pointsman_link_up", {"acquirer": "alpha", "link": "alpha/0"}, 1.0),
        Sample("pointsman_saf_depth", {"acquirer": "alpha", "kind": "reversal"}, 2.0),
        Sample("process_cpu_seconds_total", {}, 15.0),
    ]


async def test_a_page_is_fetched_and_nobody_is_nothing() -> None:
    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.receive_some(1000)
            await stream.send_all(b"HTTP/1.0 200 OK\r\nX: y\r\n\r\n" + PAGE.encode())

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, serve, 0)
        port = listeners[0].socket.getsockname()[1]
        assert len(await scrape("127.0.0.1", port)) == 3
        nursery.cancel_scope.cancel()
    assert await scrape("127.0.0.1", port) == []


def test_the_supervisors_file_is_understood(tmp_path: Path) -> None:
    look = Look(tmp_path)
    assert look.status() is None
    look.directory.run.mkdir(parents=True, exist_ok=True)
    look.directory.status.write_bytes(
        encode(
            Status(
                HouseState.READY,
                os.getpid(),
                "0",
                str(tmp_path),
                "",
                [ListenerStatus("terminals", "127.0.0.1", 8583, 2)],
                [ProcessStatus("worker-0", ProcessState.READY, 7, 1, None, 2, 9583)],
                "127.0.0.1",
                9582,
            )
        )
    )
    status = look.status()
    assert status is not None
    assert status.listeners[0].port == 8583
    worker = status.process("worker-0")
    assert worker is not None
    assert (worker.pid, worker.starts, worker.state) == (7, 1, "ready")
    assert status.process("worker-9") is None


async def test_the_journal_is_read_and_cannot_be_written(tmp_path: Path, database: str) -> None:
    look = Look(tmp_path, database)
    assert await look.journal() == []
    assert await look.owed() == (0, 0)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await look._ask("create table planted (n integer)")
