"""Terminals on PostgreSQL: their keys, sign-in, and the life of a terminal batch.

One part of `PostgresRecords` (records_sql.py). The SQL functions are in schema/0005_terminals.sql;
who takes part in the site is written in parties_sql.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pointsman.store.parties import BatchState, KeySet, KeySetState, Terminal
from pointsman.store.pool import Pool
from pointsman.store.rows import encode
from pointsman.store.verbs import BatchTotals, SideTotals, SignedIn, UploadItem

_TERMINAL = """
select t.active, t.format, t.framing, t.mac_method, t.tmk, t.signed_in, t.batch,
    coalesce(b.state, 'open'),
    (select coalesce(jsonb_agg(jsonb_build_object('number', k.number, 'tpk', k.tpk, 'tak', k.tak,
            'state', k.state)
            order by array_position(array['pending', 'current', 'retiring'], k.state),
                k.number desc), '[]')
        from key_sets k where k.mid = t.mid and k.tid = t.tid
            and (k.state <> 'retiring' or k.changed_at > now() - interval '2 minutes'))
from terminals t left join batches b using (mid, tid, batch)
where t.mid = %s and t.tid = %s
"""
_UPLOAD = """
with fresh as (
    insert into upload_items (mid, tid, batch, stan, amount_minor, foreign_card, last4)
    select %s, %s, %s, i.stan, i.amount_minor, i.foreign_card, i.last4
    from unnest(%s::text[], %s::bigint[], %s::boolean[], %s::text[])
        i(stan, amount_minor, foreign_card, last4)
    order by i.stan on conflict do nothing returning 1)
select count(*) from fresh
"""


class TerminalsSql:
    """The verbs of `verbs.Records` that a terminal's own life needs."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def terminal(self, mid: str, tid: str) -> Terminal | None:
        """See verbs.Records."""
        rows = await self._pool.rows(_TERMINAL, (mid, tid))
        if not rows:
            return None
        active, message_format, framing, mac_method, tmk, signed_in, batch, state, keys = rows[0]
        return Terminal(
            mid=mid,
            tid=tid,
            active=active,
            format=message_format,
            framing=framing,
            mac_method=mac_method,
            tmk=tmk,
            key_sets=tuple(_key_set(key) for key in keys),
            signed_in=signed_in,
            batch=batch,
            batch_state=BatchState(state),
        )

    async def sign_in(self, mid: str, tid: str, tpk: bytes, tak: bytes) -> SignedIn | None:
        """See verbs.Records. A batch that was closing opens again."""
        given = await self._pool.value("select sign_in(%s, %s, %s, %s)", (mid, tid, tpk, tak))
        return None if given is None else SignedIn(given["batch"], _key_set(given))

    async def sign_off(self, mid: str, tid: str) -> None:
        """See verbs.Records."""
        await self._pool.rows(
            "update terminals set signed_in = false where mid = %s and tid = %s", (mid, tid)
        )

    async def promote(self, mid: str, tid: str, number: int) -> None:
        """See verbs.Records."""
        await self._pool.rows("select promote(%s, %s, %s)", (mid, tid, number))

    async def batch_totals(self, mid: str, tid: str, batch: str) -> BatchTotals:
        """See verbs.Records."""
        return totals(await self._pool.value("select batch_totals(%s, %s, %s)", (mid, tid, batch)))

    async def settle_batch(
        self, mid: str, tid: str, batch: str, claimed: BatchTotals
    ) -> BatchTotals | None:
        """See verbs.Records. A closed batch stays closed; its totals are given again."""
        document = encode(claimed).decode()
        found = await self._pool.value(
            "select settle_batch(%s, %s, %s, %s::jsonb)", (mid, tid, batch, document)
        )
        return None if found is None else totals(found)

    async def upload(self, mid: str, tid: str, batch: str, items: Sequence[UploadItem]) -> int:
        """See verbs.Records."""
        columns = (
            [item.stan for item in items],
            [item.amount_minor for item in items],
            [item.foreign for item in items],
            [item.last4 for item in items],
        )
        return int(await self._pool.value(_UPLOAD, (mid, tid, batch, *columns)))

    async def close_batch(self, mid: str, tid: str, batch: str, uploaded: int) -> str | None:
        """See verbs.Records. A batch that is closed gives the same result again."""
        result: str | None = await self._pool.value(
            "select close_batch(%s, %s, %s, %s::integer)", (mid, tid, batch, uploaded)
        )
        return result


def totals(row: Mapping[str, Any]) -> BatchTotals:  # Any: a row of JSON
    """Return the totals of a JSON object as batch_totals makes it."""
    return BatchTotals(
        domestic=msgspec.convert(row["domestic"], SideTotals),
        foreign=msgspec.convert(row["foreign"], SideTotals),
    )


def _key_set(row: Mapping[str, Any]) -> KeySet:  # Any: a row of JSON
    return KeySet(
        number=row["number"],
        tpk=bytes.fromhex(row["tpk"][2:]),
        tak=bytes.fromhex(row["tak"][2:]),
        state=KeySetState(row["state"]),
    )
