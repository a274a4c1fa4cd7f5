"""Refunds: asked for with a right, within a limit or by two people, handed to a worker, shown.

What is asked and its request key are one commit; then the order goes to a worker, again with the
same key for as long as the journal has nothing of it. So a refund that is sent twice, or whose
answer was lost, is one refund. Approving is approving.py, the journal's guard is in the store.
"""

from typing import Final

import trio

from pointsman import log
from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading
from pointsman.console.once import Done, Once
from pointsman.console.payments import PREFIX, Document, money
from pointsman.console.problems import Code, Problem
from pointsman.console.refunds import REFUND, amount_of, is_unsent, shown_refund
from pointsman.console.wants import NewRefund, RefundLimit
from pointsman.console.workers import Orders
from pointsman.effects import Effects
from pointsman.handover import RefundOrder
from pointsman.store import console_approvals, console_refunds
from pointsman.store.console_approvals import ApprovalRow
from pointsman.store.console_once import Claim
from pointsman.store.console_pool import Act, ConsolePool
from pointsman.store.console_refunds import Refunds
from pointsman.store.console_rows import NewRefundRow, RefundRow
from pointsman.store.verbs import StoreUnavailableError

USUAL_LIMIT_MINOR: Final = 100_000
"""Where nothing is set for a merchant; minor units of its currency."""
FOLLOW_S: Final = 5.0
FOLLOW_MAX: Final = 20
UNSENT_RETRY_S: Final = 10
UNKNOWN_RETRY_S: Final = 2
_BATCH_CLOSED: Final = "77"


class Refunding:
    """Asks for refunds and tells of them."""

    def __init__(
        self,
        pool: ConsolePool,
        refunds: Refunds,
        lists: ListReading,
        orders: Orders | None,
        effects: Effects,
        *,
        once: Once,
    ) -> None:
        self._pool = pool
        self._once = once
        self._lists = lists
        self._refunds = refunds
        self._orders = orders
        self._effects = effects

    async def create(self, ask: Ask, act: Act, want: NewRefund) -> Done:
        """Ask for a refund; over the limit it waits for a second person. Raises Problem.

        What it gives is completed by `finished` after the commit.
        """
        raw = ids.decode(PREFIX, want.payment)
        found = None
        if raw is not None:
            found = await console_refunds.refundable(act, raw, USUAL_LIMIT_MINOR)
        if raw is None or found is None or not ask.reach.covers(found.mid, found.outlet):
            raise Problem(Code.NOT_FOUND, "There is no such payment.")
        amount_minor = amount_of(found, want)
        alone = amount_minor <= found.limit_minor
        if not alone and not ask.caller.key_id:
            ask.require_fresh()
        refund, approval = self._effects.new_id(), None if alone else self._effects.new_id()
        shown = {"payment": want.payment, "amount": money(amount_minor, found.currency)}
        if approval is not None:
            await console_approvals.ask(
                act,
                ApprovalRow(
                    id=approval,
                    kind="refund",
                    object_id=ids.encode(REFUND, refund),
                    mid=found.mid,
                    summary={**shown, "reason": want.reason},
                    asked_by=ask.caller.user_id,
                    asked_name=ask.caller.name,
                    asked_at=self._effects.now(),
                    state="open",
                    decided_name="",
                    decided_at=None,
                    reason="",
                ),
            )
        state = "ordered" if alone else "waiting"
        row = NewRefundRow(
            refund,
            raw,
            found.mid,
            amount_minor,
            found.currency,
            want.reason,
            ask.caller.name,
            state,
            approval,
        )
        await console_refunds.new(act, row)
        if alone:
            await console_refunds.order(act, refund)
        name = ids.encode(REFUND, refund)
        after = {**shown, "state": state}
        await act.audit(
            ask.entry(
                "refunds:create", "refund", name, mid=found.mid, after=after, reason=want.reason
            )
        )
        return Done({"id": name}, 201 if alone else 202)

    async def finished(self, claim: Claim, done: Done) -> Done:
        """Hand the order over where that is to be done, and return the refund as it stands.

        Raises Problem where nothing was sent (then the key is free again), and where the database
        is lost after the order stood in it.
        """
        name = str(done.document["id"])
        raw = ids.decode(REFUND, name)
        assert raw is not None, "our own id"
        try:
            document = await self.settled(raw)
            if is_unsent(await self._row(raw)):
                await self._once.forget(claim, done.document)
                raise Problem(
                    Code.ACQUIRER_UNAVAILABLE,
                    f"Nothing was sent and nothing is owed; {name} is kept as declined."
                    " Send it again.",
                    retry_s=UNSENT_RETRY_S,
                )
        except StoreUnavailableError:
            raise Problem(
                Code.OUTCOME_UNKNOWN,
                f"{name} is ordered and followed up: read it, or send it again with the same"
                " Idempotency-Key.",
                retry_s=UNKNOWN_RETRY_S,
            ) from None
        return Done(document, done.status, replayed=done.replayed)

    async def settled(self, refund: bytes) -> Document:
        """Hand an order over unless the journal has its outcome; return the refund."""
        row = await self._row(refund)
        if row.state == "ordered" and row.journal_state in {None, "sending"}:
            await self._hand_over(row)
            row = await self._row(refund)
        if row.transaction is not None:
            await self._refunds.found(refund, row.transaction)
        return shown_refund(row)

    async def follow(self) -> None:
        """Hand over, again and again, what no worker has taken; until cancelled."""
        while True:
            try:
                for row in await self._refunds.not_handed_over(FOLLOW_S, FOLLOW_MAX):
                    await self.settled(row.id)
            except StoreUnavailableError:
                pass
            except Problem as problem:
                log.get().warning("refund_not_followed", code=problem.code.value)
            await trio.sleep(FOLLOW_S)

    async def one(self, ask: Ask, refund: str) -> Document:
        """Tell one refund."""
        raw = ids.decode(REFUND, refund)
        row = await self._refunds.one(raw) if raw is not None else None
        if row is None or not ask.reach.touches(row.mid):
            raise Problem(Code.NOT_FOUND, "There is no such refund.")
        if not ask.reach.covers(row.mid, await self._refunds.outlet(row.payment)):
            raise Problem(Code.NOT_FOUND, "There is no such refund.")
        return shown_refund(row)

    async def all(self, ask: Ask) -> Document:
        """List refunds."""
        return await self._lists.page(ask, "refunds", lambda row: shown_refund(RefundRow(*row)))

    async def set_limit(self, ask: Ask, act: Act, mid: str, want: RefundLimit) -> Document:
        """Set up to which amount one person may refund alone."""
        ask.require_fresh()
        if not ask.reach.includes(mid) or not await act.rows(
            "select 1 from merchants where mid = %s", (mid,)
        ):
            raise Problem(Code.NOT_FOUND, "There is no such merchant.")
        await console_refunds.set_limit(act, mid, want.amount)
        after: Document = {"refund_limit": want.amount}
        await act.audit(
            ask.entry(
                "merchants:refund_limit", "merchant", mid, mid=mid, after=after, reason=want.reason
            )
        )
        return {"mid": mid, **after}

    async def approve(self, _: Ask, act: Act, row: ApprovalRow) -> None:
        """Order what a second person approved, in the same commit."""
        await console_refunds.order(act, _refund_of(row))

    async def reject(self, _: Ask, act: Act, row: ApprovalRow) -> None:
        """Close what a second person rejected."""
        await console_refunds.reject(act, _refund_of(row))

    async def after_approval(self, row: ApprovalRow) -> Document:
        """Hand the order over, after the commit."""
        return await self.settled(_refund_of(row))

    async def _row(self, refund: bytes) -> RefundRow:
        row = await self._refunds.one(refund)
        assert row is not None, "refunds are never deleted"
        return row

    async def _hand_over(self, row: RefundRow) -> None:
        code = await self._say(row) if self._orders else None
        if code == _BATCH_CLOSED:
            # Its batch was closed before anything was written: the next one has a new number.
            async with self._pool.act() as act:
                await console_refunds.order(act, row.id)
            await self._say(await self._row(row.id))

    async def _say(self, row: RefundRow) -> str | None:
        assert self._orders is not None
        order = RefundOrder(
            row.payment, row.mid, row.batch, row.stan, row.amount_minor, row.currency
        )
        return await self._orders.refund(order)


def _refund_of(row: ApprovalRow) -> bytes:
    raw = ids.decode(REFUND, row.object_id)
    assert raw is not None, "our own id"
    return raw
