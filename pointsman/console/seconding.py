"""What wants a second person: who must be asked, and the decision that waits for one.

A shell inside the act that asks. What follows from a decision is handed to approving.py by those
who know it; refunds and roles, which have rules of their own, ask in refunding.py and staffing.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.refunds import APPROVAL
from pointsman.console.rights import Resource, Verb, reach
from pointsman.effects import Effects
from pointsman.store import console_approvals, console_policies, console_staff
from pointsman.store.console_approvals import ApprovalRow
from pointsman.store.console_pool import Act


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be decided; `mid` is whose business it is, empty for the platform's."""

    kind: str
    object_id: str
    mid: str
    summary: Mapping[str, Any]  # Any: JSON


async def is_alone(ask: Ask, act: Act, resource: Resource, mid: str) -> bool:
    """Say whether who asks may decide alone: an administrator, where there is no other one.

    Holds the number of administrators until the commit. A person needs a fresh code: else Problem.
    """
    if not ask.caller.key_id:
        ask.require_fresh()
    others = await console_staff.other_administrators(act, ask.caller.user_id)
    held = reach(ask.caller.grants, resource, Verb.AUTHORISE)
    may = held is not None and held.includes(mid) if mid else held is not None and held.mids is None
    return may and not others and not ask.caller.key_id


async def asked(ask: Ask, act: Act, effects: Effects, matter: Matter) -> Done:
    """Open a decision, one at a time about one thing; raises Problem where one is open."""
    if await console_policies.waits(act, matter.kind, matter.object_id):
        raise Problem(Code.STATE_CONFLICT, "Another change of it waits for a decision.")
    raw = effects.new_id()
    row = ApprovalRow(
        id=raw,
        kind=matter.kind,
        object_id=matter.object_id,
        mid=matter.mid,
        summary=matter.summary,
        asked_by=ask.caller.user_id,
        asked_name=ask.caller.name,
        asked_at=effects.now(),
        state="open",
        decided_name="",
        decided_at=None,
        reason="",
    )
    await console_approvals.ask(act, row)
    found: Document = {"approval_id": ids.encode(APPROVAL, raw), "state": "waiting_approval"}
    return Done(found, 202)
