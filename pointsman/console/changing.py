"""Merchants, outlets and terminals that are changed, suspended and made active again.

Each change, its journal event and its audit row are one commit; what lies outside the reach of the
request's right is not found, and what was changed since it was read is not overwritten. Workers
refuse what is suspended as soon as they see the site's new version. Adding is onboarding.py.
"""

from collections.abc import Mapping

import msgspec

from pointsman.console import etags, ids
from pointsman.console.gate import Ask
from pointsman.console.onboarding import OUTLET, demand
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.rights import SCOPES, Resource, Role, Scope, Verb, reach
from pointsman.console.wants import ChangedMerchant, ChangedOutlet, ChangedTerminal
from pointsman.store.console_pool import Act, ConsolePool

EDITABLE = ("name", "mcc", "city", "country", "tip_percent")
OUTLET_EDITABLE = ("name", "city", "address", "state")
TERMINAL_EDITABLE = ("serial", "outlet")
_SET = "select set_active(%s, %s, %s)"
_MERCHANT = "select name, mcc, city, country, tip_percent from merchants where mid = %s"
_SUSPENDED_BY = """
select role from audit_events where mid = %s and act = 'terminals:suspend' and object_id = %s
    and result = 'done' order by sequence desc limit 1
"""
_NO_OUTLET = "the merchant has no such outlet"
_WRONG: Mapping[str, tuple[Code, str, str]] = {
    "missing": (Code.NOT_FOUND, "/tid", "There is no such terminal."),
    "changed": (Code.ETAG_MISMATCH, "/", "Read it again, then change it."),
    "outlet": (Code.VALIDATION_FAILED, "/outlet", _NO_OUTLET),
    "bound": (Code.TERMINAL_BOUND_ELSEWHERE, "/serial", "this device is bound: move it"),
}


class Changing:
    """Everything that may be changed."""

    def __init__(self, pool: ConsolePool) -> None:
        self._pool = pool

    async def set_active(
        self,
        ask: Ask,
        mid: str,
        tid: str,
        *,
        active: bool,
        within: Act | None = None,
        reason: str = "",
    ) -> Document:
        """Suspend or activate; an empty `tid` means the merchant. Raises Problem."""
        kind = "terminal" if tid else "merchant"
        missing = Problem(Code.NOT_FOUND, f"There is no such {kind}.")
        word = "activate" if active else "suspend"
        async with self._pool.act(within) as act:
            if not await _covers(ask, act, mid, tid):
                raise missing
            if active and not may_manage(ask, kind, mid):
                await _see_that_no_platform_suspended(act, mid, tid)
            changed = (await act.rows(_SET, (mid, tid, active)))[0][0]
            if changed is None:
                raise missing
            if not changed:
                state = "active" if active else "suspended"
                raise Problem(Code.STATE_CONFLICT, f"The {kind} is {state} already.")
            name = f"{mid}/{tid}" if tid else mid
            before, after = {"active": not active}, {"active": active}
            more = {"mid": mid, "before": before, "after": after, "reason": reason}
            await act.audit(ask.entry(f"{kind}s:{word}", kind, name, **more))
        return {"mid": mid, **({"tid": tid} if tid else {}), "active": active}

    async def merchant(
        self, ask: Ask, act: Act, mid: str, want: ChangedMerchant, if_match: str
    ) -> Document:
        """Change what of a merchant may be changed, where it still is as it was read."""
        demand(ask.reach, mid)
        if ask.reach.mids is not None and want.mcc is not None:
            raise Problem(Code.PERMISSION_DENIED, "The platform decides about the category.")
        rows = await act.rows(_MERCHANT, (mid,))
        if not rows:
            raise Problem(Code.NOT_FOUND, "There is no such merchant.")
        before: Document = dict(zip(EDITABLE, rows[0], strict=True))
        etags.check(if_match, etags.of(before, EDITABLE))
        after = before | _given(want)
        values = (mid, _json(before), _json(after))
        found = await act.rows("select change_merchant_from(%s, %s::jsonb, %s::jsonb)", values)
        _right(found[0][0])
        await act.audit(
            ask.entry("merchants:change", "merchant", mid, mid=mid, before=before, after=after)
        )
        return {"mid": mid, **after}

    async def outlet(
        self, ask: Ask, act: Act, found: Document, want: ChangedOutlet, if_match: str
    ) -> Document:
        """Change an outlet; `found` is it as it was read within the asker's reach."""
        mid, before = found["mid"], {name: found[name] for name in OUTLET_EDITABLE}
        demand(ask.reach, mid)
        etags.check(if_match, etags.of(before, OUTLET_EDITABLE))
        after = before | _given(want)
        raw = ids.decode(OUTLET, found["id"])
        values = (raw, _outlet_row(before), _outlet_row(after))
        rows = await act.rows("select change_outlet(%s, %s::jsonb, %s::jsonb)", values)
        _right(rows[0][0])
        await act.audit(
            ask.entry("outlets:change", "outlet", found["id"], mid=mid, before=before, after=after)
        )
        return {**found, **after}

    async def terminal(
        self, ask: Ask, act: Act, found: Document, want: ChangedTerminal, if_match: str
    ) -> Document:
        """Change a terminal's device or outlet; `found` is it as it was read."""
        mid, tid = found["mid"], found["tid"]
        demand(ask.reach, mid)
        before: Document = {name: found[name] for name in TERMINAL_EDITABLE}
        etags.check(if_match, etags.of(before, TERMINAL_EDITABLE))
        after = before | _given(want)
        after["outlet"] = after["outlet"] or None
        old, new = (ids.decode(OUTLET, one["outlet"] or "") for one in (before, after))
        if after["outlet"] and new is None:
            _right("outlet")
        values = (mid, tid, before["serial"], old, after["serial"], new)
        rows = await act.rows("select change_terminal(%s, %s, %s, %s, %s, %s)", values)
        _right(rows[0][0])
        name = f"{mid}/{tid}"
        await act.audit(
            ask.entry("terminals:change", "terminal", name, mid=mid, before=before, after=after)
        )
        return {**found, **after}


async def _covers(ask: Ask, act: Act, mid: str, tid: str) -> bool:
    """Say whether the right reaches the merchant, or the outlet in which the terminal stands."""
    if ask.reach.includes(mid) or not tid or not ask.reach.touches(mid):
        return ask.reach.includes(mid)
    found = await act.rows("select outlet_at(%s, %s, now())", (mid, tid))
    return ask.reach.covers(mid, found[0][0])


def may_manage(ask: Ask, kind: str, mid: str) -> bool:
    """Say whether who asks may suspend as well; staff may bring a terminal into service alone."""
    found = reach(ask.caller.grants, Resource(f"{kind}s"), Verb.MANAGE)
    return found is not None and found.includes(mid)


async def _see_that_no_platform_suspended(act: Act, mid: str, tid: str) -> None:
    rows = await act.rows(_SUSPENDED_BY, (mid, f"{mid}/{tid}"))
    roles = set(rows[0][0].split(",")) if rows else set()
    if any(role and Scope.PLATFORM in SCOPES[Role(role)] for role in roles):
        raise Problem(Code.STATE_CONFLICT, "The platform suspended it: ask there.")


def _right(wrong: str | None) -> None:
    """Raise the problem of what a function of the database says is wrong."""
    if wrong is not None:
        code, pointer, text = _WRONG[wrong]
        raise Problem(code, text, faults=(Fault(pointer, code, text),))


def _given(want: msgspec.Struct) -> Document:
    """Return the members that were given."""
    return {k: v for k, v in msgspec.to_builtins(want).items() if v is not None}


def _outlet_row(told: Document) -> str:
    row = {name: told[name] for name in ("name", "city", "address")}
    return _json({**row, "active": told["state"] == "active"})


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
