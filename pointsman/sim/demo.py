"""The demo's look into the running house: its status file, its metrics, its journal (read only).

A shell, and the one place of the simulators that knows the house from inside: figures to be shown,
and the third count for the audit. It changes nothing. Starting and killing is demo_world.py.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from pointsman.directory import DataDirectory
from pointsman.sim.audit import JournalRow
from pointsman.store.connection import connect
from pointsman.store.server import embedded_url

SCRAPE_SIZE_MAX: Final = 4 * 2**20
SCRAPE_S: Final = 1.0
JOURNAL: Final = (
    "select mid, tid, batch, stan, kind, state, undo, amount_minor, currency, rrn, auth_code,"
    " approved_minor from transactions"
)
OWED: Final = (
    "select count(*) filter (where undo = 'owed' or state in ('sending', 'unknown')"
    " and undo not in ('done', 'parked')), count(*) filter (where undo = 'parked')"
    " from transactions"
)


class ProcessLook(msgspec.Struct, frozen=True):
    """One process of the house as its supervisor tells."""

    name: str
    state: str
    pid: int | None
    starts: int
    connections: int = 0
    metrics_port: int = 0


class ListenerLook(msgspec.Struct, frozen=True):
    """One listener with the port it has."""

    host: str
    port: int
    connections: int


class StatusLook(msgspec.Struct, frozen=True):
    """The house at one moment."""

    state: str
    pid: int
    listeners: list[ListenerLook]
    processes: list[ProcessLook]
    metrics_host: str = ""
    metrics_port: int = 0

    def process(self, name: str) -> ProcessLook | None:
        """Return one process by name."""
        return next((p for p in self.processes if p.name == name), None)


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a /metrics page."""

    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Look:
    """Eyes on the house in one data directory."""

    data: Path
    database_url: str = ""  # empty: the embedded database of the directory

    @property
    def directory(self) -> DataDirectory:
        """The paths of the house."""
        return DataDirectory(self.data, os.getuid())

    def status(self) -> StatusLook | None:
        """Return what the supervisor last wrote, None where it wrote nothing yet."""
        try:
            return msgspec.json.decode(self.directory.status.read_bytes(), type=StatusLook)
        except (OSError, msgspec.MsgspecError):
            return None

    async def journal(self) -> list[JournalRow]:
        """Return every transaction of the journal."""
        rows = await self._ask(JOURNAL)
        return [
            JournalRow(
                mid=row[0],
                tid=row[1],
                batch=row[2],
                stan=row[3],
                kind=row[4],
                state=row[5],
                undo=row[6],
                amount_minor=row[7],
                currency=row[8],
                rrn=row[9],
                auth=row[10],
                approved_minor=row[11] or None,
            )
            for row in rows
        ]

    async def owed(self) -> tuple[int, int]:
        """Return how many transactions are not final yet, and how many are parked."""
        ((waiting, parked),) = await self._ask(OWED)
        return waiting, parked

    async def _ask(self, query: str) -> list[tuple[Any, ...]]:  # Any: rows as the query has them
        connection = await connect(self.database_url or embedded_url(self.directory.postgres))
        try:
            await connection.execute("set default_transaction_read_only = on")
            return await (await connection.execute(query.encode())).fetchall()
        finally:
            connection.end()


async def scrape(host: str, port: int) -> list[Sample]:
    """Return the samples of a /metrics page; none where nobody answers in time."""
    page = b""
    try:
        with trio.fail_after(SCRAPE_S):
            async with await trio.open_tcp_stream(host, port) as stream:
                await stream.send_all(b"GET /metrics HTTP/1.0\r\nHost: demo\r\n\r\n")
                while len(page) < SCRAPE_SIZE_MAX and (data := await stream.receive_some(65_536)):
                    page += data
    except (OSError, trio.TooSlowError, trio.BrokenResourceError):
        return []
    return parse(page.partition(b"\r\n\r\n")[2].decode("utf-8", "replace"))


def parse(page: str) -> list[Sample]:
    """Read a /metrics page in Prometheus' text form; label values here hold no quotes."""
    samples = []
    for line in page.splitlines():
        if not line or line.startswith("#"):
            continue
        head, _, value = line.rpartition(" ")
        name, _, rest = head.partition("{")
        pairs = (pair.partition("=") for pair in rest.rstrip("}").split(",") if pair)
        labels = {key: text.strip('"') for key, _, text in pairs}
        try:
            samples.append(Sample(name, labels, float(value)))
        except ValueError:
            continue
    return samples
