"""Refunds of the back office as rows, with what the journal knows of each.

What a refund may be is decided in console/refunding.py; that a payment is never given back twice is
the journal's own guard (`reserve`). Acts are given; the functions are in schema/0105_refunds.sql.
"""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from pointsman.store.console_pool import Act
from pointsman.store.console_rows import NewRefundRow, Refundable, RefundRow
from pointsman.store.office_listings import SHOWN_COLUMNS, SHOWN_SOURCE
from pointsman.store.pool import Pool

FOLLOWED_S: Final = 72 * 3600
"""How long an order that reached no worker is handed over again."""
_SHOWN: LiteralString = f"select {SHOWN_COLUMNS} from {SHOWN_SOURCE}"  # noqa: S608  # constants
_PAYMENT: Final = """
select t.mid, t.kind, t.money, t.state, t.undo, t.voiding, t.currency, t.approved_minor,
    t.refunded_minor, coalesce(p.refund_limit_minor, %(limit)s),
    outlet_at(t.mid, t.tid, t.created_at)
from transactions t left join merchant_policies p using (mid) where t.id = %(id)s
"""
_NEW: Final = """
insert into refunds (id, payment, mid, amount_minor, currency, reason, asked_name, state, approval)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_LIMIT: Final = """
insert into merchant_policies (mid, refund_limit_minor) values (%s, %s)
on conflict (mid) do update set refund_limit_minor = excluded.refund_limit_minor
"""


class Refunds:
    """Reads refunds."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def one(self, refund: bytes) -> RefundRow | None:
        """Return one refund."""
        rows = await self._pool.rows(_SHOWN + "where r.id = %s", (refund,))
        return RefundRow(*rows[0]) if rows else None

    async def outlet(self, payment: bytes) -> bytes | None:
        """Return the outlet in which a payment was made, if it was in one."""
        query = "select outlet_at(mid, tid, created_at) from transactions where id = %s"
        found: bytes | None = await self._pool.value(query, (payment,))
        return found

    async def not_handed_over(self, older_than_s: float, limit: int) -> list[RefundRow]:
        """Return orders of which the journal has nothing yet, oldest first."""
        where = (
            "where r.state = 'ordered' and r.transaction is null and k.transaction is null"
            " and r.made_at between now() - make_interval(secs => %s)"
            " and now() - make_interval(secs => %s) order by r.made_at limit %s"
        )
        rows = await self._pool.rows(_SHOWN + where, (FOLLOWED_S, older_than_s, limit))
        return [RefundRow(*row) for row in rows]

    async def found(self, refund: bytes, transaction: bytes) -> None:
        """Keep which transaction a refund became: its request key is purged with its batch."""
        await self._pool.rows(
            "update refunds set transaction = %s where id = %s and transaction is null",
            (transaction, refund),
        )


async def refundable(act: Act, payment: bytes, usual_limit_minor: int) -> Refundable | None:
    """Return the payment that is to be given back."""
    values: Mapping[str, Any] = {"id": payment, "limit": usual_limit_minor}
    rows = await act.rows(_PAYMENT, values)
    return Refundable(*rows[0]) if rows else None


async def new(act: Act, row: NewRefundRow) -> None:
    """Write a new refund."""
    await act.rows(
        _NEW,
        (
            *(row.id, row.payment, row.mid, row.amount_minor, row.currency, row.reason),
            *(row.asked_name, row.state, row.approval),
        ),
    )


async def order(act: Act, refund: bytes) -> None:
    """Give a refund its request key; it is handed to a worker after the commit."""
    await act.rows("select order_refund(%s)", (refund,))


async def reject(act: Act, refund: bytes) -> None:
    """Close a refund that a second person did not want."""
    await act.rows(
        "update refunds set state = 'rejected' where id = %s and state = 'waiting'", (refund,)
    )


async def set_limit(act: Act, mid: str, limit_minor: int) -> None:
    """Set up to which amount one person may refund alone."""
    await act.rows(_LIMIT, (mid, limit_minor))
