"""Decisions of a second person: nobody decides what they asked, and each is decided once.

The decision and what follows from it are one commit. Kinds of decisions are handed in by those who
know what follows (app.py); a fresh code of the authenticator is needed.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.refunds import APPROVAL
from pointsman.console.rights import Resource, Verb, reach
from pointsman.console.wants import Decision
from pointsman.effects import Effects
from pointsman.store import console_approvals
from pointsman.store.console_approvals import ApprovalRow
from pointsman.store.console_pool import Act, ConsolePool

Follow = Callable[[Ask, Act, ApprovalRow], Awaitable[None]]
After = Callable[[ApprovalRow], Awaitable[Document]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of decision: the right it needs, what follows in its commit, and after it."""

    resource: Resource
    approve: Follow
    reject: Follow
    after: After | None = None


class Approving:
    """Decides."""

    def __init__(
        self,
        pool: ConsolePool,
        lists: ListReading,
        kinds: Mapping[str, Kind],
        effects: Effects,
    ) -> None:
        self._pool = pool
        self._lists = lists
        self.kinds = kinds
        self._effects = effects

    async def all(self, ask: Ask) -> Document:
        """List decisions."""
        return await self._lists.page(
            ask, "approvals", lambda row: shown_approval(ApprovalRow(*row))
        )

    async def theirs(self, ask: Ask) -> int:
        """Return how many of a page of decisions this caller may take: in reach, not own asking."""
        caller, waiting = ask.caller, (await self.all(ask))["data"]
        others = [one for one in waiting if one["asked_by"] != caller.name]
        return sum(self._may(ask, one["kind"], one["mid"]) for one in others)

    async def one(self, ask: Ask, approval: str) -> Document:
        """Tell one decision."""
        raw = ids.decode(APPROVAL, approval)
        if raw is not None:
            async with self._pool.act() as act:
                row = await console_approvals.locked(act, raw)
            if row is not None and (ask.reach.mids is None or ask.reach.includes(row.mid)):
                return shown_approval(row)
        raise Problem(Code.NOT_FOUND, "There is no such decision.")

    async def decide(self, ask: Ask, approval: str, want: Decision, *, approve: bool) -> Document:
        """Approve or reject; raises Problem. The refusal of one's own asking is in the trail."""
        raw = ids.decode(APPROVAL, approval)
        missing = Problem(Code.NOT_FOUND, "There is no such decision.")
        if raw is None:
            raise missing
        word = "approve" if approve else "reject"
        try:
            async with self._pool.act() as act:
                row = await console_approvals.locked(act, raw)
                if row is None or not self._may(ask, row.kind, row.mid):
                    raise missing
                _check_second(ask, row)
                await self._carry_out(ask, act, row, want, approve=approve)
        except Problem as problem:
            if problem.code is Code.SELF_APPROVAL:
                async with self._pool.act() as act:
                    entry = ask.entry(f"approvals:{word}", "approval", approval, result="refused")
                    await act.audit(entry)
            raise
        after = self.kinds[row.kind].after
        found: Document = {"id": approval, "state": "approved" if approve else "rejected"}
        if approve and after is not None:
            found["result"] = await after(row)
        return found

    def _may(self, ask: Ask, name: str, mid: str) -> bool:
        kind = self.kinds.get(name)
        if kind is None:
            return False
        found = reach(ask.caller.grants, kind.resource, Verb.AUTHORISE)
        return found is not None and (found.mids is None or found.includes(mid))

    async def _carry_out(
        self, ask: Ask, act: Act, row: ApprovalRow, want: Decision, *, approve: bool
    ) -> None:
        kind = self.kinds[row.kind]
        state = "approved" if approve else "rejected"
        caller = ask.caller
        decided = await console_approvals.decide(
            act, row.id, state=state, by=caller.user_id, name=caller.name, reason=want.reason
        )
        assert decided, "the row is held"
        await (kind.approve if approve else kind.reject)(ask, act, row)
        name = ids.encode(APPROVAL, row.id)
        word = "approve" if approve else "reject"
        after = {"kind": row.kind, "object": row.object_id, "asked_by": row.asked_name}
        await act.audit(
            ask.entry(
                f"approvals:{word}", "approval", name, mid=row.mid, after=after, reason=want.reason
            )
        )


def _check_second(ask: Ask, row: ApprovalRow) -> None:
    """See that this person is the second one, and in time; raises Problem."""
    ask.require_fresh()
    if row.state != "open":
        raise Problem(Code.ALREADY_DECIDED, f"{row.state} by {row.decided_name}")
    if row.asked_by == ask.caller.user_id:
        raise Problem(Code.SELF_APPROVAL, "Another person than who asked must decide.")


def shown_approval(row: ApprovalRow) -> Document:
    """Return a decision as the API tells it."""
    return {
        "id": ids.encode(APPROVAL, row.id),
        "kind": row.kind,
        "object": row.object_id,
        "mid": row.mid,
        "merchant_name": row.merchant_name,
        "summary": dict(row.summary),
        "asked_by": row.asked_name,
        "asked": time_text(row.asked_at),
        "state": row.state,
        "decided_by": row.decided_name or None,
        "decided": None if row.decided_at is None else time_text(row.decided_at),
        "reason": row.reason,
    }
