"""Limits of merchants as they are in force: told, and changed by two people.

One asks for a whole new table with the version that was read; an administrator who is somebody else
decides (alone where there is no other). Workers follow within a second. The names and their bounds
are those of the site file (site/rules.py); how limits are counted is in the store's first commit.
"""

from typing import Any

from pointsman.console import etags, ids
from pointsman.console.gate import Ask
from pointsman.console.once import Done
from pointsman.console.payments import Document, money
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.refunds import APPROVAL
from pointsman.console.rights import Resource
from pointsman.console.seconding import Matter, asked, is_alone
from pointsman.console.wants_policies import NewLimits
from pointsman.effects import Effects
from pointsman.money import currency
from pointsman.site.keys import WrongValueError
from pointsman.site.rules import rules as rules_of
from pointsman.site.rules import table_of
from pointsman.site.tables import FORBIDDEN
from pointsman.store import console_policies
from pointsman.store.console_approvals import ApprovalRow
from pointsman.store.console_policies import LimitsRow, UsedRow
from pointsman.store.console_pool import Act, ConsolePool
from pointsman.store.parties import Rules

KIND = "limits"
EDITABLE = ("rules",)
_CHECK = rules_of(FORBIDDEN)


class Policies:
    """Tells limits and changes them."""

    def __init__(self, pool: ConsolePool, effects: Effects) -> None:
        self._pool = pool
        self._effects = effects

    async def limits(self, ask: Ask, mid: str) -> Document:
        """Tell a merchant's limits in force, and the decision about others that is open."""
        async with self._pool.act() as act:
            return _told(await _found(ask, act, mid), await console_policies.used(act, mid))

    async def change(self, ask: Ask, act: Act, mid: str, want: NewLimits, if_match: str) -> Done:
        """Ask for other limits; done at once where who asks may decide alone. Raises Problem."""
        alone = await is_alone(ask, act, Resource.SETTINGS, mid)
        row = await _found(ask, act, mid)
        told = _told(row, await console_policies.used(act, mid))
        etags.check(if_match, etags.of(told, EDITABLE))
        after, before = checked(want.rules), told["rules"]
        if after == row.rules:
            raise Problem(Code.STATE_CONFLICT, "These limits are in force already.")
        changed = {"before": before, "rules": table_of(after), "reason": want.reason}
        if not alone:
            done = await asked(ask, act, self._effects, Matter(KIND, mid, mid, changed))
            await _note(ask, act, "limits:ask", mid, changed)
            return Done({**told, **done.document}, done.status)
        await _write(ask, act, row, after, changed)
        used = await console_policies.used(act, mid)
        return Done(_told(await _found(ask, act, mid), used), 200)

    async def approve(self, ask: Ask, act: Act, row: ApprovalRow) -> None:
        """Put in force what a second person approved, where nothing changed since; or Problem."""
        found = await console_policies.limits(act, row.mid)
        if found is None or table_of(found.rules) != row.summary["before"]:
            raise Problem(Code.STATE_CONFLICT, "The limits were changed since: ask anew.")
        await _write(ask, act, found, checked(row.summary["rules"]), dict(row.summary))

    async def reject(self, _: Ask, __: Act, ___: ApprovalRow) -> None:
        """Leave everything as it is."""


def checked(table: object) -> Rules:
    """Return the rules of a table; raises Problem."""
    try:
        found: Any = _CHECK(table)
    except WrongValueError as error:
        wrong = Fault("/rules", "invalid", str(error))
        raise Problem(Code.VALIDATION_FAILED, str(error), faults=(wrong,)) from None
    assert isinstance(found, Rules)
    return found


async def _write(ask: Ask, act: Act, row: LimitsRow, after: Rules, changed: Document) -> None:
    wrong = await console_policies.change_rules(act, row.mid, row.raw, after)
    if wrong is not None:
        raise Problem(Code.ETAG_MISMATCH, "Read it again, then change it.")
    await _note(ask, act, "limits:change", row.mid, changed)


async def _note(ask: Ask, act: Act, word: str, mid: str, changed: Document) -> None:
    await act.audit(
        ask.entry(
            *(word, "merchant", mid),
            mid=mid,
            before={"rules": changed["before"]},
            after={"rules": changed["rules"]},
            reason=changed["reason"],
        )
    )


async def _found(ask: Ask, act: Act, mid: str) -> LimitsRow:
    row = await console_policies.limits(act, mid) if ask.reach.includes(mid) else None
    if row is None:
        raise Problem(Code.NOT_FOUND, "There is no such merchant.")
    return row


def _told(row: LimitsRow, used: list[UsedRow]) -> Document:
    return {
        "mid": row.mid,
        "currency": currency(row.currency).code,
        "rules": table_of(row.rules),
        "used": [_used(one, row.currency) for one in used],
        "refund_limit": row.refund_limit_minor,
        "approval_id": None if row.waiting is None else ids.encode(APPROVAL, row.waiting),
        "state": "in_force" if row.waiting is None else "waiting_approval",
    }


def _used(row: UsedRow, code: str) -> Document:
    return {
        "what": "sales" if row.money == "debit" else "refunds",
        "business_date": row.business_date.isoformat(),
        "day": {"count": row.day_count, "sum": money(row.day_minor, code)},
        "month": {"count": row.month_count, "sum": money(row.month_minor, code)},
    }
