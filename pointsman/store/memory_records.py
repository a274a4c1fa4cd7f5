"""`verbs.Records` on the tables in memory; how a call may fail comes in as `Call`.

Each verb is one transaction of memory.py and its neighbours, carried out by `Call`: at once
(`calmly`), or late, twice or not at all in the simulation. The journal's two commits take the other
way, through sessions (memory_server.py).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import trio

from pointsman.store import memory_batches as batches
from pointsman.store import memory_guards as guards
from pointsman.store import memory_notices as notices
from pointsman.store import memory_owed as owed
from pointsman.store import memory_terminals as terminals
from pointsman.store.memory import MemoryDatabase
from pointsman.store.memory_leases import Call
from pointsman.store.memory_reconciliations import MemoryReconciling
from pointsman.store.parties import Directory, RefusedCard, Terminal
from pointsman.store.records import Outcome, Owed, RequestKey, ReversalArrival, Transaction
from pointsman.store.rows import decode, outcome_document
from pointsman.store.verbs import BatchTotals, SignedIn, StoreUnavailableError, UploadItem

T = TypeVar("T")
OVERDUE_REASON = "98"


async def calmly(_verb: str, work: Callable[[], T], /) -> T:
    """Carry out one transaction at once."""
    await trio.lowlevel.checkpoint()
    return work()


class MemoryRecords(MemoryReconciling):
    """Everything rare (verbs.Records); `begin` comes first, as on PostgreSQL."""

    def __init__(self, db: MemoryDatabase, call: Call = calmly) -> None:
        super().__init__(db, call)
        self._seen_sending: dict[bytes, float] = {}

    async def directory(self, known_version: int) -> Directory | None:
        """See verbs.Records."""
        return await self._call("directory", lambda: self._db.directory(known_version))

    async def terminal(self, mid: str, tid: str) -> Terminal | None:
        """See verbs.Records."""
        return await self._call("terminal", lambda: terminals.terminal(self._db, mid, tid))

    async def sign_in(self, mid: str, tid: str, tpk: bytes, tak: bytes) -> SignedIn | None:
        """See verbs.Records."""
        return await self._call("sign_in", lambda: terminals.sign_in(self._db, mid, tid, tpk, tak))

    async def sign_off(self, mid: str, tid: str) -> None:
        """See verbs.Records."""

        def work() -> None:
            if (mid, tid) in self._db.terminals:
                self._db.terminals[mid, tid].signed_in = False

        await self._call("sign_off", work)

    async def promote(self, mid: str, tid: str, number: int) -> None:
        """See verbs.Records."""
        await self._call("promote", lambda: terminals.promote(self._db, mid, tid, number))

    async def by_key(self, key: RequestKey) -> Transaction | None:
        """See verbs.Records."""
        return await self._call("by_key", lambda: self._db.read_by_key(key))

    async def by_rrn(self, mid: str, rrn: str) -> Transaction | None:
        """See verbs.Records."""
        return await self._call("by_rrn", lambda: self._db.read_by_rrn(mid, rrn))

    async def by_invoice(self, mid: str, tid: str, batch: str, invoice: str) -> Transaction | None:
        """See verbs.Records."""
        return await self._call(
            "by_invoice", lambda: guards.read_invoice(self._db, mid, tid, batch, invoice)
        )

    async def refused_cards(self, after: int, count: int) -> Sequence[RefusedCard]:
        """See verbs.Records."""

        def work() -> Sequence[RefusedCard]:
            listed = list(self._db.blacklist.items())[after : after + count]
            masked = [(code, self._db.masked.get(token, "")) for token, code in listed]
            return [RefusedCard(code, shown[:6], shown[-4:]) for code, shown in masked]

        return await self._call("refused_cards", work)

    async def by_hold(
        self, mid: str, token: bytes, auth_code: str, local_date: str
    ) -> Transaction | None:
        """See verbs.Records."""
        return await self._call(
            "by_hold", lambda: guards.read_hold(self._db, mid, token, auth_code, local_date)
        )

    async def by_id(self, id: bytes) -> Transaction | None:  # noqa: A002
        """See verbs.Records."""
        return await self._call("by_id", lambda: self._db.read(id))

    async def reversal_arrived(
        self, key: RequestKey, amount_minor: int, reason: str
    ) -> ReversalArrival:
        """See verbs.Records. Gives NOT_DURABLE where the database is away."""
        try:
            return await self._call(
                "reversal_arrived",
                lambda: owed.reversal_arrived(self._db, key, amount_minor, reason),
            )
        except StoreUnavailableError:
            return ReversalArrival.NOT_DURABLE

    async def reversal_told(self, key: RequestKey, answer: Mapping[str, str]) -> Mapping[str, str]:
        """See verbs.Records."""
        return await self._call("reversal_told", lambda: owed.reversal_told(self._db, key, answer))

    async def owe(self, id: bytes, reason: str) -> bool:  # noqa: A002
        """See verbs.Records."""
        return await self._call("owe", lambda: owed.owe(self._db, id, reason))

    async def claim(self, id: bytes) -> bool:  # noqa: A002
        """See verbs.Records."""
        return await self._call("claim", lambda: notices.claim(self._db, id))

    async def due(self, acquirer: str, sessions: Sequence[int], limit: int) -> Sequence[Owed]:
        """See verbs.Records."""
        return await self._call("due", lambda: owed.due(self._db, acquirer, sessions, limit))

    async def owed_numbers(self, id: bytes, host_stan: str, host_time: str) -> bool:  # noqa: A002
        """See verbs.Records."""
        return await self._under_lease(
            "owed_numbers", lambda: owed.owed_numbers(self._db, id, host_stan, host_time)
        )

    async def owed_attempt(self, id: bytes) -> None:  # noqa: A002
        """See verbs.Records."""
        await self._under_lease("owed_attempt", lambda: owed.owed_attempt(self._db, id))

    async def owed_later(self, id: bytes, after_s: float) -> None:  # noqa: A002
        """See verbs.Records."""
        await self._under_lease("owed_later", lambda: owed.owed_later(self._db, id, after_s))

    async def owed_soon(self, acquirer: str, session: int) -> None:
        """See verbs.Records."""
        await self._under_lease("owed_soon", lambda: owed.owed_soon(self._db, acquirer, session))

    async def owed_done(self, id: bytes, code: str) -> None:  # noqa: A002
        """See verbs.Records."""
        await self._under_lease("owed_done", lambda: owed.owed_done(self._db, id, code))

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None:  # noqa: A002
        """See verbs.Records."""
        assert outcome.id == id, "an outcome of another transaction"
        document = decode(outcome_document(outcome))
        await self._under_lease("owed_answered", lambda: owed.owed_answered(self._db, id, document))

    async def owed_parked(self, id: bytes, code: str) -> None:  # noqa: A002
        """See verbs.Records."""
        await self._under_lease("owed_parked", lambda: owed.owed_parked(self._db, id, code))

    async def late_answer(
        self,
        id: bytes,  # noqa: A002
        code: str,  # noqa: ARG002  (what events say is not kept here)
        reason: str,  # noqa: ARG002
        *,
        approves: bool,
    ) -> bool:
        """See verbs.Records."""
        return await self._call(
            "late_answer", lambda: notices.late_answer(self._db, id, approves=approves)
        )

    async def cut_over(self, acquirer: str, settlement_date: str) -> None:
        """See verbs.Records."""
        self._db.cut_overs[acquirer] = settlement_date

    async def settlement_dates(self) -> Mapping[str, str]:
        """See verbs.Records."""
        return dict(self._db.cut_overs)

    async def zone_keys(
        self, acquirer: str, zpk: tuple[bytes, str] | None, zak: tuple[bytes, str] | None
    ) -> None:
        """See verbs.Records."""
        await self._call("zone_keys", lambda: terminals.zone_keys(self._db, acquirer, zpk, zak))

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        """See verbs.Records."""
        return await self._call("lease_numbers", lambda: self._db.lease(name, period, count))

    async def batch_totals(self, mid: str, tid: str, batch: str) -> BatchTotals:
        """See verbs.Records."""
        return await self._call(
            "batch_totals", lambda: batches.batch_totals(self._db, mid, tid, batch)
        )

    async def settle_batch(
        self, mid: str, tid: str, batch: str, claimed: BatchTotals
    ) -> BatchTotals | None:
        """See verbs.Records."""
        return await self._call(
            "settle_batch", lambda: batches.settle_batch(self._db, mid, tid, batch, claimed)
        )

    async def upload(self, mid: str, tid: str, batch: str, items: Sequence[UploadItem]) -> int:
        """See verbs.Records."""
        return await self._call("upload", lambda: batches.upload(self._db, mid, tid, batch, items))

    async def close_batch(self, mid: str, tid: str, batch: str, uploaded: int) -> str | None:
        """See verbs.Records."""
        return await self._call(
            "close_batch", lambda: batches.close_batch(self._db, mid, tid, batch, uploaded)
        )

    async def begin(self, machine: str, worker: int) -> tuple[int, int]:
        """See verbs.Records."""
        incarnation, found = await self._call(
            "begin", lambda: owed.begin(self._db, machine, worker)
        )
        self._incarnation = incarnation
        self._seen_sending.clear()
        return incarnation, found

    async def retire(self, machine: str, workers: range) -> int:
        """See verbs.Records."""
        return await self._call("retire", lambda: owed.retire(self._db, machine, workers))

    async def overdue(self, older_than_s: float) -> int:
        """See verbs.Records. Age counts from the first look, by the caller's own clock."""
        mine = self._incarnation
        ids = await self._call("overdue", lambda: list(self._db.sending.get(mine, ())))
        now = trio.current_time()
        self._seen_sending = {id_: self._seen_sending.get(id_, now) for id_ in ids}
        count = 0
        for id_, since in sorted(self._seen_sending.items()):
            if now - since >= older_than_s:
                count += await self._call(
                    "put_in_doubt",
                    lambda id_=id_: owed.put_in_doubt(  # type: ignore[misc]  # the default binds the loop's value
                        self._db, id_, OVERDUE_REASON
                    ),
                )
        return count
