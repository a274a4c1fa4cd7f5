"""API keys: made by people within their own rights, shown once, revoked at once.

A key holds some rights of a role, never one that its maker does not hold, for a time and from some
addresses. Closing its maker, or taking the maker's role, ends it. Finding a key is gate.py.
"""

from datetime import timedelta
from ipaddress import ip_network

from pointsman.console import ids
from pointsman.console.enrolling import token_hash
from pointsman.console.gate import Ask
from pointsman.console.granting import outlet_of, scope_of
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.rights import (
    RIGHTS,
    SCOPES,
    Role,
    Scope,
    lacking,
    named,
    rights_of,
)
from pointsman.console.wants import NewKey
from pointsman.effects import Effects
from pointsman.store import console_staff
from pointsman.store.console_pool import Act, ConsolePool
from pointsman.store.console_rows import GrantRow

KEY = "key"
SECRET_SIZE = 32
_HINT_HEAD, _HINT_TAIL = 12, 4


class Keyring:
    """Makes and revokes keys."""

    def __init__(self, pool: ConsolePool, effects: Effects, *, live: bool) -> None:
        self._pool = pool
        self._effects = effects
        self._prefix = "ak_live_" if live else "ak_test_"

    async def create(self, ask: Ask, act: Act, want: NewKey) -> Done:
        """Make a key; it is shown with this answer and never again."""
        ask.require_fresh()
        role = Role(want.role)
        scope = scope_of(want.role, want.outlet)
        if scope not in SCOPES[role]:
            raise _invalid("/outlet", "the role is not one of an outlet")
        if (scope is Scope.PLATFORM) != (want.mid == ""):
            raise _invalid("/mid", "the role is one of a merchant, or of the platform")
        try:
            rights = rights_of(want.scopes)
            for one in want.addresses:
                ip_network(one)
        except ValueError:
            raise _invalid("/scopes", "known rights and networks are expected") from None
        if foreign := rights - RIGHTS[role]:
            raise _invalid("/scopes", f"the role does not have {named(foreign)}")
        if beyond := lacking(ask.caller.grants, rights, want.mid):
            raise Problem(
                Code.PERMISSION_DENIED,
                f"A key holds nothing that its maker does not hold there: {named(beyond)}",
            )
        if want.mid and not await act.rows("select 1 from merchants where mid = %s", (want.mid,)):
            raise _invalid("/mid", "there is no such merchant")
        outlet = await outlet_of(act, want.mid, want.outlet)
        secret = self._prefix + self._effects.random_bytes(SECRET_SIZE).hex()
        raw = self._effects.new_id()
        hint = f"{secret[:_HINT_HEAD]}…{secret[-_HINT_TAIL:]}"
        await console_staff.new_key(
            act,
            key_id=raw,
            key_hash=token_hash(secret),
            hint=hint,
            name=want.name,
            grant=GrantRow(role.value, scope.value, want.mid, outlet),
            made_by=ask.caller.user_id,
            life=timedelta(days=want.days),
            scopes=sorted(want.scopes),
            addresses=list(want.addresses),
        )
        document: Document = {
            "id": ids.encode(KEY, raw),
            "hint": hint,
            "name": want.name,
            "role": role.value,
            "mid": want.mid,
            "scopes": sorted(want.scopes),
            "days": want.days,
        }
        await act.audit(ask.entry("api_keys:create", "api_key", hint, mid=want.mid, after=document))
        return Done(document, secrets={"key": secret})

    async def revoke(self, ask: Ask, key: str, within: Act | None = None) -> Document:
        """Revoke a key: it opens nothing from now on."""
        raw = ids.decode(KEY, key)
        async with self._pool.act(within) as act:
            mid = await console_staff.key_mid(act, raw) if raw is not None else None
            if raw is None or mid is None or not ask.reach.includes(mid):
                raise Problem(Code.NOT_FOUND, "There is no such key.")
            if not await console_staff.revoke_key(act, raw):
                raise Problem(Code.STATE_CONFLICT, "The key is revoked already.")
            await act.audit(ask.entry("api_keys:revoke", "api_key", key, mid=mid))
        return {"id": key, "state": "closed"}


def _invalid(pointer: str, expected: str) -> Problem:
    return Problem(Code.VALIDATION_FAILED, expected, faults=(Fault(pointer, "invalid", expected),))
