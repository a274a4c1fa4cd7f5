"""Bugs to plant into orders, limits, refunds of the office, decisions, open answers and batches.

The others, and how a bug is planted, are planted.py.
"""

# ruff: noqa: ANN401  # patches stand in for methods of every type

from collections.abc import Callable, Mapping
from typing import Any

from pointsman.handover import ABSENT
from pointsman.sim.world.office import SimOffice
from pointsman.store import (
    memory_batches,
    memory_days,
    memory_guards,
    memory_limits,
    memory_parked,
    memory_round,
)
from pointsman.store.day import FORCED
from pointsman.store.memory import MemoryDatabase, Row, original_of
from pointsman.store.memory_owed import owed_done
from pointsman.store.memory_refunds import order_refund
from pointsman.store.parties import BatchState
from pointsman.store.records import OwedState
from pointsman.switch import orderkeeper, orders, responses
from pointsman.switch.orders import Fate

# Any: patches stand in for methods whose types are the product's own.
Patch = Callable[[Any, str, object], None]


def a_listed_card_is_let_through(patch: Patch) -> None:
    whole = memory_limits.admit

    def admit(db: MemoryDatabase, rows: Any, day: Any) -> Any:
        kept, db.blacklist = db.blacklist, {}
        try:
            return whole(db, rows, day)
        finally:
            db.blacklist = kept

    patch(memory_round, "admit", admit)


def a_limit_counts_what_is_approved_alone(patch: Patch) -> None:
    patch(memory_limits, "_COUNTING", ("approved",))


def an_order_that_would_not_close_is_told_to_be_closed(patch: Patch) -> None:
    def fate(_code: str, *, arrived: bool) -> Fate:
        return Fate.CLOSED if arrived or _code else Fate.UNHEARD

    patch(orders, "fate_of_closing", fate)


def an_order_ends_when_it_was_not_paid_at_once(patch: Patch) -> None:
    async def ask(self: Any, order: Any) -> Fate:
        fate: Fate = await whole(self, order)
        if fate is Fate.OPEN:
            outcome = self._outcome_of(order, {39: "05"})
            await self._records.owed_answered(order.id, outcome)
            return Fate.CLOSED
        return fate

    whole = orderkeeper.OrderKeeper.ask
    patch(orderkeeper.OrderKeeper, "ask", ask)


def a_refund_told_again_is_another_refund(patch: Patch) -> None:
    whole = SimOffice._hand_over

    async def hand_over(self: Any, item: Any, key: Any, amount_minor: int) -> str | None:
        code = await whole(self, item, key, amount_minor)
        if code == ABSENT:  # the console forgot which number it had given
            refund = self.draw.randbytes(16)
            fresh = order_refund(self.server.db, self._terminals, self._orders, refund, key.mid)
            return await whole(self, item, fresh, amount_minor)
        return code

    patch(SimOffice, "_hand_over", hand_over)


def what_people_said_was_not_done_is_noted_as_undone(patch: Patch) -> None:
    def not_done(db: MemoryDatabase, row: Row, _kind: str) -> None:
        id_ = bytes.fromhex(row["id"][2:])
        db.owed[id_].state = OwedState.PARKED
        owed_done(db, id_, "00")

    patch(memory_parked, "_not_done", not_done)


def what_an_acquirer_left_open_is_declined(patch: Patch) -> None:
    patch(responses, "IN_DOUBT", frozenset())


def a_month_counts_its_newest_day_alone(patch: Patch) -> None:
    whole = memory_limits._counted

    def counted(db: MemoryDatabase, mid: str, later: Any, day: Any) -> Any:
        return (one for one in whole(db, mid, later, day) if one["business_date"] == str(day))

    patch(memory_limits, "_counted", counted)


def a_forgotten_batch_stays_open(patch: Patch) -> None:
    patch(memory_batches, "force_batches", lambda _db, _limit: 0)


def a_forgotten_batch_is_closed_over_a_sale_under_way(patch: Patch) -> None:
    def due(_db: MemoryDatabase, _name: Any, row: Any) -> bool:
        return row.overdue_since is not None and row.state is not BatchState.CLOSED

    patch(memory_batches, "_is_due", due)


def a_forgotten_batch_counts_what_was_undone(patch: Patch) -> None:
    def lines(db: MemoryDatabase, mid: str, tid: str, batch: str) -> list[Row]:
        held = memory_batches._held(db, mid, tid, batch)
        counts = (row for row in held if row["money"] in ("debit", "credit"))
        return [row for row in counts if row["state"] == "approved" and row["voiding"] != "done"]

    patch(memory_batches, "_lines", lines)


def a_forgotten_batch_takes_payments_of_the_next_day(patch: Patch) -> None:
    def mark(db: MemoryDatabase) -> None:
        whole(db)
        for row in db.batches.values():
            if row.overdue_since is not None and row.state is BatchState.CLOSING:
                row.state = BatchState.OPEN

    whole = memory_batches.mark_overdue
    patch(memory_days, "mark_overdue", mark)


def a_forgotten_batch_is_closed_again_every_day(patch: Patch) -> None:
    def force(db: MemoryDatabase, limit: int) -> int:
        for row in db.batches.values():
            row.listed = None if row.result == FORCED else row.listed
        return whole(db, limit)

    whole = memory_batches.force_batches
    patch(memory_batches, "force_batches", force)


def a_forgotten_batch_allows_a_void(patch: Patch) -> None:
    whole = memory_guards.reserve

    def reserve(db: MemoryDatabase, follow_up: Row) -> str | None:
        code = whole(db, follow_up)
        if code != "12" or follow_up["guard"] != "void":
            return code
        original = db.transactions[original_of(follow_up) or b""]
        name = (original["mid"], original["tid"], original["batch"])
        batch = db.batches[name]
        if batch.result != FORCED:
            return code
        kept, batch.state = batch.state, BatchState.OPEN
        try:
            return whole(db, follow_up)
        finally:
            batch.state = kept

    patch(memory_round, "reserve", reserve)


BUGS: Mapping[str, Callable[[Patch], None]] = {
    bug.__name__: bug
    for bug in (
        a_listed_card_is_let_through,
        a_limit_counts_what_is_approved_alone,
        an_order_that_would_not_close_is_told_to_be_closed,
        an_order_ends_when_it_was_not_paid_at_once,
        a_refund_told_again_is_another_refund,
        what_people_said_was_not_done_is_noted_as_undone,
        what_an_acquirer_left_open_is_declined,
        a_month_counts_its_newest_day_alone,
        a_forgotten_batch_stays_open,
        a_forgotten_batch_is_closed_over_a_sale_under_way,
        a_forgotten_batch_counts_what_was_undone,
        a_forgotten_batch_takes_payments_of_the_next_day,
        a_forgotten_batch_is_closed_again_every_day,
        a_forgotten_batch_allows_a_void,
    )
}
