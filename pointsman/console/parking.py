"""Exceptions: what is owed and parked, and the two people who decide what becomes of it.

The same verb as ``pointsman owed``: the first person's word opens a decision, another person's same
word carries it out. Decisions are the platform's alone and need a fresh code.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_never

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading
from pointsman.console.payments import PREFIX, Document, money, time_text
from pointsman.console.problems import Code, Problem
from pointsman.effects import Effects
from pointsman.store import console_exceptions
from pointsman.store.console_pool import ConsolePool
from pointsman.store.parked_sql import Action, Said


class Parking:
    """Tells and decides."""

    def __init__(self, pool: ConsolePool, lists: ListReading, effects: Effects) -> None:
        self._pool = pool
        self._lists = lists
        self._effects = effects

    async def all(self, ask: Ask) -> Document:
        """List what is owed to acquirers and what was noted for a person, the oldest first."""
        now = self._effects.now()
        return await self._lists.page(ask, "exceptions", lambda row: _told(row, now))

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


def _told(row: Sequence[Any], now: datetime) -> Document:
    """Return what waits for somebody: why, how long, what was done so far, what is to be done."""
    key, payment, kind, state, acquirer, since, mid, tid, batch, stan, minor = row[:11]
    expected, found, code, cause, answer, attempts, due_at, action, asked_by, name = row[11:]
    return {
        "id": key,
        "kind": kind,
        "state": state,
        "proposal": _proposal(kind, state),
        "payment": None if payment is None else ids.encode(PREFIX, payment),
        "acquirer": acquirer or None,
        "cause": cause,
        "code": answer or None,
        "attempts": attempts,
        "since": time_text(since),
        "age_s": max(0, int((now - since).total_seconds())),
        "next_try": time_text(due_at) if due_at is not None and state in _TRIED else None,
        "mid": mid,
        "merchant_name": name or "",
        "tid": tid,
        "batch": batch,
        "stan": stan,
        "amount": _money(minor, code),
        "expected": _money(expected, code),
        "found": _money(found, code),
        "asked": action,
        "asked_by": asked_by,
    }


_TRIED = frozenset({"waiting", "due", "sent"})
_OF_ACQUIRER = frozenset({"late_approval", "charged_though_declined", "owed_message_refused"})


def _proposal(kind: str, state: str) -> str:
    """Return what a person does: wait, decide, ask the acquirer, or ask the merchant."""
    if state in _TRIED:
        return "wait"
    if state == "parked":
        return "decide"
    return "ask_acquirer" if kind in _OF_ACQUIRER else "ask_merchant"


def _money(minor: int | None, currency: str | None) -> Document | None:
    return None if minor is None or currency is None else money(minor, currency)
