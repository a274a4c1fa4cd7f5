"""Bugs to plant into orders, limits, the list, refunds of the office, decisions, and open answers.

The others, and how a bug is planted, are planted.py.
"""

# ruff: noqa: ANN401  # patches stand in for methods of every type

from collections.abc import Callable, Mapping
from typing import Any

from pointsman.handover import ABSENT
from pointsman.sim.world.office import SimOffice
from pointsman.store import memory_limits, memory_parked, memory_round
from pointsman.store.memory import MemoryDatabase, Row
from pointsman.store.memory_owed import owed_done
from pointsman.store.memory_refunds import order_refund
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
    )
}
