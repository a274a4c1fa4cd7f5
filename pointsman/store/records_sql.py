"""`verbs.Records` on PostgreSQL: everything rare that a worker asks and writes.

Here are transactions, numbers, recovery and the directory; terminals and their batches are in
terminals_sql.py, what is owed in owed_sql.py, the site in parties_sql.py. The two commits of a sale
are in journal.py.
"""

from collections.abc import Mapping, Sequence

import trio

from pointsman.store.owed_sql import OwedSql
from pointsman.store.parties import Directory, RefusedCard
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.reconciliations_sql import ReconcilingSql
from pointsman.store.records import RequestKey, Transaction
from pointsman.store.rows import transaction
from pointsman.store.terminals_sql import TerminalsSql

_BY_KEY = """
select whole(t) from request_keys k join transactions t on t.id = k.transaction
where k.mid = %s and k.tid = %s and k.batch = %s and k.stan = %s
"""
# Both numbers find it: ours is unique, the acquirer's nearly; the newest wins.
_BY_RRN = """
select whole(t) from transactions t
where t.mid = %(mid)s and (t.rrn = %(rrn)s or (t.host_rrn = %(rrn)s and t.host_rrn <> ''))
order by t.state <> 'approved', t.guard is not null, t.created_at desc limit 1
"""
# Of one batch: the key of request_keys finds its rows, and they are few.
_BY_INVOICE = """
select whole(t) from request_keys k join transactions t on t.id = k.transaction
where k.mid = %s and k.tid = %s and k.batch = %s and t.guard is null
    and t.details ->> 'invoice' = %s
order by t.state <> 'approved', t.created_at desc limit 1
"""
_REFUSED_CARDS = """
select code, left(masked, 6), right(masked, 4) from blacklist order by noted_at, token
offset %s limit %s
"""
_BY_HOLD = """
select whole(t) from transactions t
where t.mid = %s and t.card_token = %s and t.money = 'hold' and t.guard is null
    and t.auth_code = %s and t.details ->> 'local_date' = %s
order by t.state <> 'approved', t.created_at desc limit 1
"""
_LEASE = """
insert into numbers as n (name, period, next_number) values (%(name)s, %(period)s, 1 + %(count)s)
on conflict (name, period) do update set next_number = n.next_number + %(count)s
returning next_number - %(count)s
"""
_SENDING = "select id from transactions where incarnation = %s and state = 'sending'"
OVERDUE_REASON = "98"


class PostgresRecords(TerminalsSql, OwedSql, ReconcilingSql):
    """`verbs.Records`; call `begin` first, since recovery and sweeping are of one incarnation."""

    def __init__(self, pool: Pool) -> None:
        TerminalsSql.__init__(self, pool)
        OwedSql.__init__(self, pool)
        ReconcilingSql.__init__(self, pool)
        self._site = SiteSql(pool)
        self._incarnation = 0
        self._seen_sending: dict[bytes, float] = {}  # id to Trio time of the first look

    async def directory(self, known_version: int) -> Directory | None:
        """See verbs.Records."""
        return await self._site.directory(known_version)

    async def by_key(self, key: RequestKey) -> Transaction | None:
        """See verbs.Records."""
        row = await self._pool.value(_BY_KEY, (key.mid, key.tid, key.batch, key.stan))
        return None if row is None else transaction(row)

    async def by_rrn(self, mid: str, rrn: str) -> Transaction | None:
        """See verbs.Records."""
        row = await self._pool.value(_BY_RRN, {"mid": mid, "rrn": rrn})
        return None if row is None else transaction(row)

    async def by_invoice(self, mid: str, tid: str, batch: str, invoice: str) -> Transaction | None:
        """See verbs.Records."""
        row = await self._pool.value(_BY_INVOICE, (mid, tid, batch, invoice))
        return None if row is None else transaction(row)

    async def refused_cards(self, after: int, count: int) -> Sequence[RefusedCard]:
        """See verbs.Records."""
        return [RefusedCard(*row) for row in await self._pool.rows(_REFUSED_CARDS, (after, count))]

    async def by_hold(
        self, mid: str, token: bytes, auth_code: str, local_date: str
    ) -> Transaction | None:
        """See verbs.Records."""
        row = await self._pool.value(_BY_HOLD, (mid, token, auth_code, local_date))
        return None if row is None else transaction(row)

    async def by_id(self, id: bytes) -> Transaction | None:  # noqa: A002
        """See verbs.Records."""
        row = await self._pool.value("select whole(t) from transactions t where id = %s", (id,))
        return None if row is None else transaction(row)

    async def late_answer(self, id: bytes, code: str, reason: str, *, approves: bool) -> bool:  # noqa: A002
        """See verbs.Records."""
        values = (self._writer, id, code, reason, approves)
        return bool(await self._pool.value("select late_answer(%s, %s, %s, %s, %s)", values))

    async def cut_over(self, acquirer: str, settlement_date: str) -> None:
        """See verbs.Records."""
        await self._pool.rows(
            "select cut_over(%s, %s, %s)", (self._writer, acquirer, settlement_date)
        )

    async def settlement_dates(self) -> Mapping[str, str]:
        """See verbs.Records."""
        return dict(await self._pool.rows("select acquirer, settlement_date from cut_overs"))

    async def zone_keys(
        self, acquirer: str, zpk: tuple[bytes, str] | None, zak: tuple[bytes, str] | None
    ) -> None:
        """See verbs.Records."""
        values = (acquirer, *(zpk or (None, "")), *(zak or (None, "")))
        await self._pool.rows("select change_zone_keys(%s, %s, %s, %s, %s)", values)

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        """See verbs.Records. The first number of a period is 1."""
        return int(await self._pool.value(_LEASE, {"name": name, "period": period, "count": count}))

    async def begin(self, machine: str, worker: int) -> tuple[int, int]:
        """See verbs.Records."""
        rows = await self._pool.rows("select * from begin_incarnation(%s, %s)", (machine, worker))
        self._incarnation, found = rows[0]
        self._writer = -self._incarnation
        self._seen_sending.clear()
        return self._incarnation, found

    async def retire(self, machine: str, workers: range) -> int:
        """See verbs.Records."""
        values = (self._writer, machine, workers.start, workers.stop)
        query = "select retire_others(%s, %s, %s::integer, %s::integer)"
        return int(await self._pool.value(query, values))

    async def overdue(self, older_than_s: float) -> int:
        """See verbs.Records. Age is counted by our own clock from the first time a row was seen.

        So a wall clock that jumps puts no living sale in doubt; call it every few seconds.
        """
        rows = await self._pool.rows(_SENDING, (self._incarnation,))
        now = trio.current_time()
        sending: set[bytes] = {row[0] for row in rows}
        self._seen_sending = {id_: self._seen_sending.get(id_, now) for id_ in sending}
        count = 0
        for id_, since in sorted(self._seen_sending.items()):
            if now - since < older_than_s:
                continue
            if await self._pool.value(
                "select put_in_doubt(%s, %s, %s)", (self._writer, id_, OVERDUE_REASON)
            ):
                count += 1
        return count
