"""The store's tables in memory, with the rules of the schema: for the simulation and its tests.

A core. `MemoryDatabase` holds the tables; what the SQL functions of schema/ do is done here and in
memory_round.py, _owed.py, _terminals.py, _batches.py, _days.py. Each function is one transaction:
it raises before it changes anything, or is done whole. Who calls is memory_records.py; sessions
that are lost and servers that restart are memory_server.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from hashlib import sha256
from typing import Any

from pointsman.store.parties import (
    NO_DOWNLOADS,
    Acquirer,
    BatchState,
    Directory,
    Downloads,
    KeySet,
    Merchant,
    Route,
)
from pointsman.store.reconciliations import ReconciliationRow
from pointsman.store.records import OwedState, RequestKey, Transaction
from pointsman.store.rows import transaction
from pointsman.store.verbs import BatchTotals, UploadItem

Row = dict[str, Any]
"""One transaction as ``to_jsonb(transactions)`` gives it. Any: a row of JSON."""

TerminalKey = tuple[str, str]
BatchKey = tuple[str, str, str]


class SqlError(Exception):
    """The server refused a statement; nothing of it was done. `sqlstate` says why."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@dataclass(slots=True)
class Incarnation:
    """One life of one worker; its commits succeed only while it is alive."""

    machine: str
    worker: int
    state: str = "alive"


@dataclass(slots=True)
class LeaseRow:
    """Who holds a lease: an incarnation, or 0 for nobody."""

    number: int = 0
    holder: int = 0
    beat: int = 0


@dataclass(slots=True)
class TerminalRow:
    """One terminal; `sign_ins` are the times of the last ones (seconds of the server's clock)."""

    mid: str
    tid: str
    active: bool
    format: str
    framing: str
    mac_method: str
    tmk: bytes = field(repr=False)
    batch: str = "000001"
    signed_in: bool = False
    key_sets: dict[int, tuple[KeySet, float]] = field(default_factory=dict, repr=False)
    sign_ins: list[float] = field(default_factory=list)


@dataclass(slots=True)
class BatchRow:
    """One terminal batch."""

    state: BatchState = BatchState.OPEN
    claimed: BatchTotals | None = None
    journal: BatchTotals | None = None
    result: str | None = None
    listed: date | None = None
    settling_at: float | None = None  # of its terminal's newest totals
    overdue_since: float | None = None
    late_claimed: BatchTotals | None = None  # after it was closed by force
    late_result: str | None = None


@dataclass(slots=True)
class OwedRow:
    """What an acquirer must still acknowledge; `order` breaks ties of `created_at`."""

    kind: str
    acquirer: str
    session: int
    state: OwedState
    reason: str
    created_at: float
    due_at: float
    order: int
    attempts: int = 0
    host_stan: str = ""
    host_time: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a journal's chain; `head` is the chain's hash where a commit ends."""

    sequence: int
    kind: str
    transaction: bytes | None
    day: date
    head: bytes | None


@dataclass(frozen=True, slots=True)
class Posting:
    """One posting of settlement."""

    day: date
    currency: str
    signed_minor: int


@dataclass(slots=True)
class MemoryDatabase:
    """All tables. `clock` is the server's wall clock; `watch` hears of each event and its row."""

    clock: Callable[[], float]
    zone: str = "Asia/Shanghai"
    cutoff: time = time(0, 0)
    downloads: Downloads = NO_DOWNLOADS
    version: int = 0
    watch: Callable[[str, Row], None] = lambda _kind, _row: None
    merchants: dict[str, Merchant] = field(default_factory=dict)
    acquirers: dict[str, Acquirer] = field(default_factory=dict)
    routes: dict[str, tuple[Route, ...]] = field(default_factory=dict)
    terminals: dict[TerminalKey, TerminalRow] = field(default_factory=dict)
    batches: dict[BatchKey, BatchRow] = field(default_factory=dict)
    transactions: dict[bytes, Row] = field(default_factory=dict)
    request_keys: dict[RequestKey, tuple[bytes, bytes] | None] = field(default_factory=dict)
    blacklist: dict[str, str] = field(default_factory=dict)  # card token as in rows -> code
    masked: dict[str, str] = field(default_factory=dict)  # of listed cards, by the same token
    reversal_answers: dict[RequestKey, Mapping[str, str]] = field(default_factory=dict)
    owed: dict[bytes, OwedRow] = field(default_factory=dict)
    owed_open: dict[bytes, OwedRow] = field(default_factory=dict)
    incarnations: dict[int, Incarnation] = field(default_factory=dict)
    leases: dict[str, LeaseRow] = field(default_factory=dict)
    cut_overs: dict[str, str] = field(default_factory=dict)  # acquirer -> MMDD
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    reconciled_days: set[tuple[str, date]] = field(default_factory=set)
    reconciliations: dict[tuple[str, date, str], ReconciliationRow] = field(default_factory=dict)
    chains: dict[int, list[Event]] = field(default_factory=dict)
    exceptions: dict[tuple[str, str, str, str, str], bytes | None] = field(default_factory=dict)
    uploads: dict[BatchKey, dict[str, UploadItem]] = field(default_factory=dict)
    days: dict[date, str] = field(default_factory=dict)
    postings: dict[tuple[bytes, str], Posting] = field(default_factory=dict)
    open_items: dict[date, dict[bytes, tuple[str, int]]] = field(default_factory=dict)
    files: dict[date, list[tuple[str, str, int]]] = field(default_factory=dict)
    by_rrn: dict[tuple[str, str], list[bytes]] = field(default_factory=dict)
    following: dict[bytes, list[bytes]] = field(default_factory=dict)
    by_host_rrn: dict[tuple[str, str], list[bytes]] = field(default_factory=dict)
    sending: dict[int, dict[bytes, None]] = field(default_factory=dict)

    def open_day(self) -> date:
        """Return the business date that commits get; raises PM002 where none is open."""
        for day, state in self.days.items():
            if state == "open":
                return day
        raise SqlError("PM002")

    def change(self, row: Row, **values: object) -> None:
        """Change one transaction and keep the indexes."""
        before = row["state"]
        row.update(values)
        row["version"] += 1
        self.index(row, before)

    def index(self, row: Row, before: str = "") -> None:
        """Bring the indexes up to date with a row that is new or has changed."""
        id_ = id_of(row)
        if row["state"] == "sending":
            self.sending.setdefault(row["incarnation"], {})[id_] = None
        elif before == "sending":
            self.sending[row["incarnation"]].pop(id_, None)
        if row["host_rrn"]:
            ids = self.by_host_rrn.setdefault((row["mid"], row["host_rrn"]), [])
            if id_ not in ids:
                ids.append(id_)

    def append(
        self, writer: int, sequence: int, head: bytes, events: list[tuple[str, bytes | None, str]]
    ) -> tuple[int, bytes]:
        """Add the events of one commit to a chain; return its new end."""
        chain = self.chains.setdefault(writer, [])
        if chain and chain[-1].sequence != sequence:
            raise SqlError("23505")  # the numbers are taken: (writer, sequence) is unique
        day = self.open_day()
        hashed = b"".join(
            (about or b"") + f"{kind} {body}\n".encode() for kind, about, body in events
        )
        head = sha256(head + hashed).digest()
        for offset, (kind, about, _) in enumerate(events, 1):
            last = head if offset == len(events) else None
            chain.append(Event(sequence + offset, kind, about, day, last))
        return sequence + len(events), head

    def tell(self, kind: str, row: Row) -> None:
        """Note an event of a rare verb; the chains of these are not kept here."""
        self.watch(kind, row)

    def note_exception(self, kind: str, row: Row) -> None:
        """Raise what a person must look at, once while it is open."""
        self.exceptions.setdefault(
            (row["mid"], row["tid"], row["batch"], row["stan"], kind), id_of(row)
        )

    def read(self, id: bytes) -> Transaction | None:  # noqa: A002
        """Return one transaction as it stands."""
        row = self.transactions.get(id)
        return None if row is None else transaction(row)

    def read_by_key(self, key: RequestKey) -> Transaction | None:
        """Return the transaction that holds this request key."""
        held = self.request_keys.get(key)
        return None if held is None else self.read(held[0])

    def read_by_rrn(self, mid: str, rrn: str) -> Transaction | None:
        """Return the newest of a merchant's transactions with this RRN, approved ones first."""
        ids = [*self.by_rrn.get((mid, rrn), ()), *self.by_host_rrn.get((mid, rrn), ())]
        rows = [self.transactions[one] for one in dict.fromkeys(ids)]
        # Later created wins: ids are listed in the order in which they were made.
        rows.reverse()
        rows.sort(key=lambda row: (row["state"] != "approved", row["guard"] is not None))
        return transaction(rows[0]) if rows else None

    def lease(self, name: str, period: str, count: int) -> int:
        """Return the first of `count` numbers that nobody has; 1 begins a period."""
        first = self.numbers.get((name, period), 1)
        self.numbers[name, period] = first + count
        return first

    def directory(self, known_version: int) -> Directory | None:
        """Return the site, or None when its version is known."""
        if self.version == known_version:
            return None
        return Directory(
            version=self.version,
            merchants=dict(self.merchants),
            acquirers=dict(self.acquirers),
            routes=dict(self.routes),
            cutoff=self.cutoff,
            zone=self.zone,
            downloads=self.downloads,
        )

    def add_terminal(self, row: TerminalRow) -> None:
        """Add a terminal, and its first batch as open."""
        self.terminals[row.mid, row.tid] = replace(row)
        self.batches.setdefault((row.mid, row.tid, row.batch), BatchRow())


def id_of(row: Mapping[str, Any]) -> bytes:  # Any: a row of JSON
    """Return a row's id."""
    return bytes.fromhex(row["id"][2:])


def original_of(row: Mapping[str, Any]) -> bytes | None:  # Any: a row of JSON
    """Return the id of the transaction that a row follows."""
    return None if row["original"] is None else bytes.fromhex(row["original"][2:])
