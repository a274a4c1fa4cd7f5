"""Merchants register themselves: a stranger applies, a person of the platform takes or rejects.

Taking one adds the merchant and makes the link of its first person, in one commit. What a stranger
wrote is shown as text, is bounded, and gives no right to anything.
"""

from pointsman.console import ids
from pointsman.console.enrolling import Enrolling
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading
from pointsman.console.onboarding import Onboarding
from pointsman.console.once import Done
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Role, Scope
from pointsman.console.wants import Decision, NewApplication, NewMerchant, TakenApplication
from pointsman.effects import Effects
from pointsman.store import console_applications
from pointsman.store.console_applications import ApplicationRow
from pointsman.store.console_pool import Act, ConsolePool
from pointsman.store.console_rows import GrantRow

APPLICATION = "app"


class Applying:
    """Takes applications and decides them."""

    def __init__(
        self,
        pool: ConsolePool,
        lists: ListReading,
        onboarding: Onboarding,
        enrolling: Enrolling,
        effects: Effects,
    ) -> None:
        self._pool = pool
        self._lists = lists
        self._onboarding = onboarding
        self._enrolling = enrolling
        self._effects = effects

    async def submit(self, ask: Ask, want: NewApplication) -> Document:
        """Keep what a stranger applies for."""
        raw = self._effects.new_id()
        told = (want.name, want.mcc, want.city, want.country, want.currency, want.login)
        name = ids.encode(APPLICATION, raw)
        async with self._pool.act() as act:
            if not await console_applications.submit(
                act, raw, (*told, want.contact, ask.origin.address)
            ):
                raise Problem(Code.RATE_LIMITED, "Too many applications wait.", retry_s=3600)
            await act.audit(ask.entry("applications:submit", "application", name))
        return {"id": name, "state": "submitted"}

    async def all(self, ask: Ask) -> Document:
        """List applications, newest first; the platform's business alone."""
        _demand_platform(ask)
        return await self._lists.page(
            ask, "applications", lambda row: shown_application(ApplicationRow(*row))
        )

    async def one(self, ask: Ask, application: str) -> Document:
        """Tell one application."""
        _demand_platform(ask)
        raw = ids.decode(APPLICATION, application)
        if raw is not None:
            async with self._pool.act() as act:
                row = await console_applications.locked(act, raw)
            if row is not None:
                return shown_application(row)
        raise Problem(Code.NOT_FOUND, "There is no such application.")

    async def take(self, ask: Ask, act: Act, application: str, want: TakenApplication) -> Done:
        """Add the merchant and make the link of its first person."""
        row = await self._open(ask, act, application)
        merchant = NewMerchant(
            mid=want.mid,
            name=row.name,
            mcc=row.mcc,
            city=row.city,
            routes=want.routes,
            country=row.country,
            currency=row.currency,
            outlet=row.name,
        )
        made = await self._onboarding.merchant(ask, act, merchant, trace=False)
        grant = GrantRow(Role.MERCHANT_OWNER.value, Scope.MERCHANT.value, want.mid)
        token = await self._enrolling.link(act, "invitation", ask.caller.name, row.login, grant)
        await console_applications.decide(
            act, row.id, "approved", mid=want.mid, by=ask.caller.name, reason=want.reason
        )
        document: Document = {**made.document, "application": application, "login": row.login}
        await act.audit(
            ask.entry(
                *("applications:approve", "application", application),
                mid=want.mid,
                after=document,
                reason=want.reason,
            )
        )
        return Done(document, secrets={"link": f"/welcome/{token}"})

    async def reject(
        self, ask: Ask, application: str, want: Decision, within: Act | None = None
    ) -> Document:
        """Reject an application."""
        async with self._pool.act(within) as act:
            row = await self._open(ask, act, application)
            await console_applications.decide(
                act, row.id, "rejected", mid="", by=ask.caller.name, reason=want.reason
            )
            await act.audit(
                ask.entry("applications:reject", "application", application, reason=want.reason)
            )
        return {"id": application, "state": "rejected"}

    async def _open(self, ask: Ask, act: Act, application: str) -> ApplicationRow:
        _demand_platform(ask)
        raw = ids.decode(APPLICATION, application)
        row = await console_applications.locked(act, raw) if raw is not None else None
        if row is None:
            raise Problem(Code.NOT_FOUND, "There is no such application.")
        if row.state != "submitted":
            raise Problem(Code.ALREADY_DECIDED, f"{row.state} by {row.decided_by}")
        return row


def _demand_platform(ask: Ask) -> None:
    if ask.reach.mids is not None:
        raise Problem(Code.NOT_FOUND, "Applications are the platform's business.")


def shown_application(row: ApplicationRow) -> Document:
    """Return an application as the API tells it."""
    return {
        "id": ids.encode(APPLICATION, row.id),
        "name": row.name,
        "mcc": row.mcc,
        "city": row.city,
        "country": row.country,
        "currency": row.currency,
        "login": row.login,
        "contact": row.contact,
        "submitted": time_text(row.made_at),
        "state": row.state,
        "mid": row.mid or None,
        "decided_by": row.decided_by or None,
        "reason": row.reason,
    }
