"""Cards that are refused whatever their issuer says: listed, put on the list, taken off by two.

A card is named by one of its payments, so that no card number comes to the back office; those that
are known by number alone are put on the list by `pointsman blacklist`. The check itself is in the
store's first commit: it holds from the moment of the answer.
"""

from collections.abc import Sequence
from typing import Any

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading
from pointsman.console.once import Done
from pointsman.console.payments import PREFIX, Document, time_text
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.rights import Resource
from pointsman.console.seconding import Matter, asked, is_alone
from pointsman.console.wants_policies import NewListedCard, Reasoned
from pointsman.effects import Effects
from pointsman.store import console_policies
from pointsman.store.console_approvals import ApprovalRow
from pointsman.store.console_policies import CardRow
from pointsman.store.console_pool import Act

CARD = "crd"
KIND = "unlist_card"


class Blacklisting:
    """Tells and changes the list."""

    def __init__(self, lists: ListReading, effects: Effects) -> None:
        self._lists = lists
        self._effects = effects

    async def all(self, ask: Ask) -> Document:
        """List refused cards; the platform's alone."""
        return await self._lists.page(ask, "blacklist", shown)

    async def add(self, ask: Ask, act: Act, want: NewListedCard) -> Done:
        """Refuse the card of a payment from now on. Raises Problem."""
        _of_the_platform(ask)
        raw = ids.decode(PREFIX, want.payment)
        found = await console_policies.list_card(act, raw, want.code) if raw is not None else None
        if found is None or found.wrong == "missing":
            raise Problem(Code.NOT_FOUND, "There is no such payment.")
        if found.wrong == "card":
            text = "the payment has no card"
            fault = Fault("/payment", "invalid", text)
            raise Problem(Code.VALIDATION_FAILED, text, faults=(fault,))
        if found.wrong is not None or found.id is None:
            raise Problem(Code.STATE_CONFLICT, "The card is refused with this code already.")
        name = ids.encode(CARD, found.id)
        after: Document = {"card": found.masked, "code": want.code, "payment": want.payment}
        await act.audit(ask.entry("blacklist:add", "card", name, after=after, reason=want.reason))
        return Done({"id": name, "card": found.masked, "code": want.code})

    async def remove(self, ask: Ask, act: Act, name: str, want: Reasoned) -> Done:
        """Ask for a card to be accepted again; at once where who asks may decide alone."""
        _of_the_platform(ask)
        alone = await is_alone(ask, act, Resource.SETTINGS, "")
        row = await _card(act, name)
        summary = {"card": row.masked, "code": row.code, "reason": want.reason}
        if not alone:
            done = await asked(ask, act, self._effects, Matter(KIND, name, "", summary))
            await act.audit(
                ask.entry("blacklist:ask_remove", "card", name, after=summary, reason=want.reason)
            )
            return Done({"id": name, **done.document}, done.status)
        await self._take_off(ask, act, name, summary)
        return Done({"id": name, "state": "removed"}, 200)

    async def approve(self, ask: Ask, act: Act, row: ApprovalRow) -> None:
        """Take off what a second person approved."""
        await self._take_off(ask, act, row.object_id, dict(row.summary))

    async def reject(self, _: Ask, __: Act, ___: ApprovalRow) -> None:
        """Leave the card on the list."""

    async def _take_off(self, ask: Ask, act: Act, name: str, summary: Document) -> None:
        row = await _card(act, name)
        await console_policies.unlist_card(act, row.id)
        before: Document = {"card": row.masked, "code": row.code}
        await act.audit(
            ask.entry("blacklist:remove", "card", name, before=before, reason=summary["reason"])
        )


async def _card(act: Act, name: str) -> CardRow:
    raw = ids.decode(CARD, name)
    row = await console_policies.card(act, raw) if raw is not None else None
    if row is None:
        raise Problem(Code.NOT_FOUND, "The card is not on the list.")
    return row


def _of_the_platform(ask: Ask) -> None:
    if ask.reach.mids is not None:
        raise Problem(Code.PERMISSION_DENIED, "The platform keeps the list of refused cards.")


def shown(row: Sequence[Any]) -> Document:
    """Return an entry as the API tells it."""
    raw, masked, code, since = row
    return {
        "id": ids.encode(CARD, raw),
        "card": masked,
        "code": code,
        "since": time_text(since),
    }
