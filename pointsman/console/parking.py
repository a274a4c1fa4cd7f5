"""Exceptions: what is owed and parked, and the two people who decide what becomes of it.

The same verb as ``pointsman owed``: the first person's word opens a decision, another person's same
word carries it out. Decisions are the platform's alone and need a fresh code.
"""

from typing import assert_never

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.payments import PREFIX, Document, money, time_text
from pointsman.console.problems import Code, Problem
from pointsman.effects import Effects
from pointsman.store import console_exceptions
from pointsman.store.console_exceptions import Exceptions
from pointsman.store.console_pool import ConsolePool
from pointsman.store.parked_sql import Action, Said


class Parking:
    """Tells and decides."""

    def __init__(self, pool: ConsolePool, exceptions: Exceptions, effects: Effects) -> None:
        self._pool = pool
        self._exceptions = exceptions
        self._effects = effects

    async def all(self, ask: Ask) -> Document:
        """List what is owed to acquirers, parked first, and exceptions that are open."""
        now = self._effects.now()
        owed = [
            {
                "payment": ids.encode(PREFIX, raw),
                "kind": kind,
                "state": state,
                "acquirer": acquirer,
                "code": code or None,
                "attempts": attempts,
                "since": time_text(since),
                "age_s": int((now - since).total_seconds()),
                "mid": mid,
                "tid": tid,
                "stan": stan,
                "amount": money(minor, currency),
                "asked": asked or None,
                "asked_by": asked_by or None,
            }
            for raw, kind, state, acquirer, code, attempts, since, mid, tid, stan, minor, currency,
                asked, asked_by in await self._exceptions.owed(ask.mids, ask.outlets)
        ]  # fmt: skip
        noted = [
            {
                "kind": kind,
                "at": time_text(at),
                "mid": mid,
                "tid": tid,
                "batch": batch,
                "stan": stan,
                "payment": None if raw is None else ids.encode(PREFIX, raw),
                "expected": _money(expected, currency),
                "found": _money(found, currency),
                "note": note,
            }
            for kind, at, mid, tid, batch, stan, raw, expected, found, note, currency
                in await self._exceptions.noted(ask.mids, ask.outlets)
        ]  # fmt: skip
        return {"owed": owed, "noted": noted, "as_of": time_text(now)}

    async def decide(self, ask: Ask, payment: str, action: Action, reason: str) -> Document:
        """Take one person's word on a parked message; a second one's carries it out."""
        raw = ids.decode(PREFIX, payment)
        if raw is None or ask.reach.mids is not None:
            raise Problem(Code.NOT_FOUND, "There is no such parked message.")
        if not reason.strip():
            raise Problem(Code.VALIDATION_FAILED, "reason: say why")
        ask.require_fresh()
        async with self._pool.act() as act:
            user = ask.caller.name
            said = await console_exceptions.decide(act, raw, action, user, reason)
            after: Document = {"action": action.value, "result": said.value}
            refused = said in {Said.NOT_PARKED, Said.SAME_USER}
            await act.audit(
                ask.entry(
                    *("parked:decide", "payment", payment),
                    after=after,
                    reason=reason,
                    result="refused" if refused else "done",
                )
            )
        match said:
            case Said.DONE:
                return {"payment": payment, "action": action.value, "state": "done"}
            case Said.ASKED | Said.OTHER_ACTION:
                return {"payment": payment, "action": action.value, "state": "waiting_approval"}
            case Said.SAME_USER:
                raise Problem(Code.SELF_APPROVAL, "Another person must say the same.")
            case Said.NOT_PARKED:
                raise Problem(Code.NOT_FOUND, "There is no such parked message.")
            case _:
                assert_never(said)


def _money(minor: int | None, currency: str | None) -> Document | None:
    return None if minor is None or currency is None else money(minor, currency)
