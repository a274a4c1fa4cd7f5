"""Merchants, outlets and terminals that are added and moved while the house runs.

Each act is one transaction: rows, open batch, key block, the site's next version, the journal's
event and the audit row. Workers see the version within a second. What the rows mean is in the
functions of store/schema/0103_acts.sql; changing and suspending parties is changing.py.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.keymaking import KeyMaker, MadeKey
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.rights import Reach
from pointsman.console.wants import (
    MovedTerminal,
    NewMerchant,
    NewOutlet,
    NewTerminal,
)
from pointsman.effects import Effects
from pointsman.money import UnknownCurrencyError, currency
from pointsman.store.console_pool import Act, ConsolePool

OUTLET = "out"
_WRONG: Mapping[str, tuple[Code, str, str]] = {
    "merchant": (Code.NOT_FOUND, "/mid", "There is no such merchant."),
    "outlet": (Code.VALIDATION_FAILED, "/outlet", "the merchant has no such outlet"),
    "acquirer": (Code.VALIDATION_FAILED, "/routes", "there is no such acquirer"),
    "bound": (Code.TERMINAL_BOUND_ELSEWHERE, "/serial", "this device is bound: move it"),
}


class Onboarding:
    """Adds and moves parties."""

    def __init__(self, pool: ConsolePool, keys: KeyMaker | None, effects: Effects) -> None:
        self._pool = pool
        self._keys = keys
        self._effects = effects

    async def merchant(self, ask: Ask, act: Act, want: NewMerchant, *, trace: bool = True) -> Done:
        """Add a merchant, with its first outlet where one is named. For the whole platform.

        Without `trace` its audit row is the caller's.
        """
        demand(ask.reach, "")
        try:
            numeric = currency(want.currency).numeric
        except UnknownCurrencyError:
            raise _invalid("/currency", "an active code of ISO 4217 is expected") from None
        row = msgspec.to_builtins(want) | {"currency": numeric, "strict_chip": False}
        routes = row.pop("routes")
        await self._call(act, "add_merchant", row, routes)
        document: Document = {"mid": want.mid, "name": want.name, "state": "active"}
        if want.outlet.strip():
            place = NewOutlet(want.mid, want.outlet.strip(), want.city, want.address)
            document["outlet"] = await self._new_outlet(act, place)
        if trace:
            after = {**document, "mcc": want.mcc, "routes": [one["acquirer"] for one in routes]}
            await act.audit(
                ask.entry("merchants:create", "merchant", want.mid, mid=want.mid, after=after)
            )
        return Done(document)

    async def outlet(self, ask: Ask, act: Act, want: NewOutlet) -> Done:
        """Add an outlet."""
        demand(ask.reach, want.mid)
        outlet = await self._new_outlet(act, want)
        document: Document = {"id": outlet, **msgspec.to_builtins(want), "state": "active"}
        await act.audit(ask.entry("outlets:create", "outlet", outlet, mid=want.mid, after=document))
        return Done(document)

    async def terminal(self, ask: Ask, act: Act, want: NewTerminal) -> Done:
        """Add a terminal with a master key of its own, made in the HSM."""
        demand(ask.reach, want.mid)
        made = await self._new_terminal(act, want)
        document = _shown(want, made)
        await act.audit(_entry(ask, "terminals:create", document, {}))
        return Done(document, secrets=_handed(made))

    async def move(self, ask: Ask, act: Act, mid: str, tid: str, want: MovedTerminal) -> Done:
        """Close a terminal's binding and bind its device elsewhere, with a new master key."""
        demand(ask.reach, mid)
        demand(ask.reach, want.mid)
        goes_to = want.tid or tid
        if (mid, tid) == (want.mid, goes_to):
            raise _invalid("/mid", "the terminal is there already")
        serial = (await act.rows("select unbind_terminal(%s, %s)", (mid, tid)))[0][0]
        if serial is None:
            raise Problem(Code.NOT_FOUND, "There is no such terminal that could be moved.")
        new = NewTerminal(
            want.mid, goes_to, outlet=want.outlet, serial=serial, transport_key=want.transport_key
        )
        made = await self._new_terminal(act, new)
        document = _shown(new, made) | {"moved_from": {"mid": mid, "tid": tid}}
        before = {"mid": mid, "tid": tid}
        await act.audit(_entry(ask, "terminals:move", document, before, want.reason))
        return Done(document, secrets=_handed(made))

    async def _new_outlet(self, act: Act, want: NewOutlet) -> str:
        raw = self._effects.new_id()
        row = {"id": f"\\x{raw.hex()}", **msgspec.to_builtins(want)}
        await self._call(act, "add_outlet", row)
        return ids.encode(OUTLET, raw)

    async def _new_terminal(self, act: Act, want: NewTerminal) -> MadeKey:
        outlet = ids.decode(OUTLET, want.outlet) if want.outlet else None
        if want.outlet and outlet is None:
            raise _invalid("/outlet", "the merchant has no such outlet")
        if self._keys is None:
            raise Problem(Code.HSM_UNAVAILABLE, "Nothing was changed.")
        made = await self._keys.terminal_key(f"{want.mid}/{want.tid}", want.transport_key)
        row = {
            **msgspec.to_builtins(want),
            "outlet": None if outlet is None else f"\\x{outlet.hex()}",
            "tmk": f"\\x{made.block.hex()}",
            "check_value": made.check_value,
        }
        await self._call(act, "add_terminal", row)
        return made

    @staticmethod
    async def _call(act: Act, function: str, row: Document, routes: Any = None) -> None:  # noqa: ANN401  # JSON
        """Call a function of 0103; raises Problem for what it says is wrong."""
        match function:
            case "add_merchant":
                values = (_json(row), _json(routes))
                found = await act.rows("select add_merchant(%s::jsonb, %s::jsonb)", values)
            case "add_outlet":
                found = await act.rows("select add_outlet(%s::jsonb)", (_json(row),))
            case _:
                found = await act.rows("select add_terminal(%s::jsonb)", (_json(row),))
        wrong = found[0][0]
        if wrong is None:
            return
        code, pointer, text = _WRONG.get(
            wrong, (Code.DUPLICATE, "/tid" if "tid" in row else "/mid", "it exists already")
        )
        raise Problem(code, text, faults=(Fault(pointer, code, text),))


def demand(reach: Reach, mid: str) -> None:
    """See that the right reaches a merchant; '' is the platform itself."""
    if reach.mids is not None and not reach.includes(mid):
        raise Problem(Code.NOT_FOUND, "There is no such merchant.")


def _invalid(pointer: str, expected: str) -> Problem:
    return Problem(Code.VALIDATION_FAILED, expected, faults=(Fault(pointer, "invalid", expected),))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _shown(want: NewTerminal, made: MadeKey) -> Document:
    return {
        "mid": want.mid,
        "tid": want.tid,
        "outlet": want.outlet or None,
        "serial": want.serial,
        "state": "inventory",
        "key_check_value": made.check_value,
    }


def _handed(made: MadeKey) -> Document:
    """Return the key as it is handed over, once: under the transport key."""
    return {"wrapped_key": made.wrapped} if made.wrapped else {}


def _entry(ask: Ask, act: str, document: Document, before: Document, reason: str = "") -> Any:  # noqa: ANN401
    mid, tid = document["mid"], document["tid"]
    return ask.entry(
        act, "terminal", f"{mid}/{tid}", mid=mid, before=before, after=document, reason=reason
    )
