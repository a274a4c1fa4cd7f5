"""People as others manage them: invited, closed, reset, given and taken roles, sessions ended.

One gives and takes only what one holds, where one holds it; who is managed must be wholly within
reach. The last administrator stays. An administrator beside others is made by two people. Keys of
machines are keyring.py, links are made in enrolling.py.
"""

from collections.abc import Mapping
from typing import Any

from pointsman.console import ids, parties
from pointsman.console.enrolling import Enrolling
from pointsman.console.gate import Ask
from pointsman.console.granting import not_given, outlet_of, scope_of
from pointsman.console.lists import ListReading
from pointsman.console.once import Done
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.refunds import APPROVAL
from pointsman.console.rights import Grant, Role, Scope, may_grant
from pointsman.console.wants import Invitation, WantedGrant
from pointsman.effects import Effects
from pointsman.store import console_approvals, console_staff
from pointsman.store import console_people_acts as acts
from pointsman.store.console_approvals import ApprovalRow
from pointsman.store.console_people import People
from pointsman.store.console_pool import Act, ConsolePool
from pointsman.store.console_rows import GrantRow, UserRow

USER, SESSION, LETTER = "usr", "ses", "let"
ADMINISTRATORS_MIN = 2
"""From so many on, another administrator is made by two people: before, there is no second one."""


class Staffing:
    """Manages people."""

    def __init__(
        self,
        pool: ConsolePool,
        people: People,
        lists: ListReading,
        enrolling: Enrolling,
        effects: Effects,
    ) -> None:
        self._pool = pool
        self._people = people
        self._lists = lists
        self._enrolling = enrolling
        self._effects = effects

    async def invite(self, ask: Ask, act: Act, want: Invitation) -> Done:
        """Make a link for a new person; an administrator's waits for a second person."""
        grant = await self._wanted(ask, act, want, want.login)
        if grant.role == Role.PLATFORM_ADMIN and await self._needs_second(act):
            ask.require_fresh()
            return await self._ask_second(ask, act, want.login, grant, b"")
        token = await self._enrolling.link(act, "invitation", ask.caller.name, want.login, grant)
        after: Document = {"login": want.login, "role": grant.role, "mid": grant.mid}
        after |= {"outlet": want.outlet} if want.outlet else {}
        await act.audit(ask.entry("users:invite", "user", want.login, mid=grant.mid, after=after))
        return Done(after, secrets={"link": f"/welcome/{token}"})

    async def close(
        self, ask: Ask, user_id: str, reason: str, within: Act | None = None
    ) -> Document:
        """Close a person: sessions and keys are dead at once."""
        async with self._pool.act(within) as act:
            user = await self._managed(ask, user_id, act)
            await self._keep_one(act, user)
            if not await acts.closed(act, user.id):
                raise Problem(Code.STATE_CONFLICT, "The person is closed already.")
            await act.audit(_entry(ask, "users:close", user, reason=reason))
        return {"id": user_id, "state": "closed"}

    async def reset(self, ask: Ask, act: Act, user_id: str) -> Done:
        """Make a link with which a person sets a new password and a new second factor."""
        ask.require_fresh()
        user = await self._managed(ask, user_id, act)
        if user.state != "active" or user.id == ask.caller.user_id:
            raise Problem(Code.STATE_CONFLICT, "Another active person is expected.")
        first = user.grants[0] if user.grants else GrantRow("", "platform", "")
        token = await self._enrolling.link(
            act, "reset", ask.caller.name, user.login, first, user.id
        )
        await act.audit(_entry(ask, "users:reset", user))
        return Done({"id": user_id}, secrets={"link": f"/welcome/{token}"})

    async def give(self, ask: Ask, act: Act, user_id: str, want: WantedGrant) -> Done:
        """Give a role; an administrator's waits for a second person."""
        ask.require_fresh()
        user = await self._managed(ask, user_id, act)
        grant = await self._wanted(ask, act, want, user.login)
        if grant.role == Role.PLATFORM_ADMIN and await self._needs_second(act):
            return await self._ask_second(ask, act, user.login, grant, user.id)
        await self._give(ask, act, user, grant, want.reason)
        return Done({"id": user_id, "role": grant.role, "mid": grant.mid}, 200)

    async def take(
        self, ask: Ask, user_id: str, want: WantedGrant, within: Act | None = None
    ) -> Document:
        """Take a role; sessions end, and keys of that scope are revoked."""
        ask.require_fresh()
        async with self._pool.act(within) as act:
            user = await self._managed(ask, user_id, act)
            grant = await self._wanted(ask, act, want, user.login)
            if grant.role == Role.PLATFORM_ADMIN:
                await self._keep_one(act, user)
            if not await console_staff.take(act, user.id, grant):
                raise Problem(Code.NOT_FOUND, "The person does not hold this role.")
            before: Document = {"role": grant.role, "mid": grant.mid}
            await act.audit(_entry(ask, "users:take", user, before=before, reason=want.reason))
        return {"id": user_id, **before}

    async def sessions(self, ask: Ask, user_id: str) -> Document:
        """Tell the sessions of a person that are alive."""
        async with self._pool.act() as act:
            user = await self._managed(ask, user_id, act)
            rows = await console_staff.sessions(act, user.id)
        found = [
            {
                "id": ids.encode(SESSION, raw),
                "address": address,
                "since": time_text(since),
                "seen": time_text(seen),
            }
            for raw, address, since, seen in rows
        ]
        return {"data": found}

    async def end_sessions(
        self, ask: Ask, user_id: str, session: str = "", within: Act | None = None
    ) -> Document:
        """End all sessions of a person, or the one that is named."""
        async with self._pool.act(within) as act:
            user = await self._managed(ask, user_id, act)
            raw = ids.decode(SESSION, session) if session else None
            if session and (raw is None or not await console_staff.end_session(act, user.id, raw)):
                raise Problem(Code.NOT_FOUND, "There is no such session.")
            count = 1 if session else await console_staff.end_sessions(act, user.id)
            await act.audit(_entry(ask, "users:end_sessions", user, after={"count": count}))
        return {"id": user_id, "ended": count}

    async def approve(self, ask: Ask, act: Act, row: ApprovalRow) -> None:
        """Do what a second person approved: give the role, or make the link."""
        summary = row.summary
        grant = GrantRow(summary["role"], "platform", "")
        raw = ids.decode(USER, row.object_id)
        user = await self._people.by_id(raw) if raw is not None else None
        if user is not None:
            await self._give(ask, act, user, grant, "")
        else:
            await self._enrolling.link(act, "invitation", row.asked_name, summary["login"], grant)

    async def reject(self, _: Ask, __: Act, ___: ApprovalRow) -> None:
        """Leave everything as it is."""

    async def outbox(self, ask: Ask) -> Document:
        """List links that were made; the links themselves are shown by an act."""
        return await self._lists.page(ask, "outbox", parties.letter)

    async def letter(self, ask: Ask, letter: str) -> Document:
        """Show a link of the outbox that is open, to who may make such a one."""
        ask.require_fresh()
        raw = ids.decode(LETTER, letter)
        async with self._pool.act() as act:
            found = await console_staff.letter(act, raw) if raw is not None else None
            if found is None or (ask.reach.mids is not None and not ask.reach.includes(found[0])):
                raise Problem(Code.NOT_FOUND, "There is no such open link.")
            mid, recipient, link_hash, sealed = found
            await act.audit(ask.entry("outbox:show", "link", letter, mid=mid))
        token = self._enrolling.unsealed(link_hash, sealed)
        return {"id": letter, "recipient": recipient, "link": f"/welcome/{token}"}

    async def _managed(self, ask: Ask, user_id: str, act: Act) -> UserRow:
        """Return a person whose every role the caller may give; else nobody is found."""
        raw = ids.decode(USER, user_id)
        if raw is not None:
            await act.rows("select 1 from users where id = %s for update", (raw,))
        user = await self._people.by_id(raw) if raw is not None else None
        if user is None or not all(
            may_grant(
                ask.caller.grants,
                Grant(Role(one.role), Scope(one.scope), one.mid, outlet=one.outlet),
            )
            for one in user.grants
        ):
            raise Problem(Code.NOT_FOUND, "There is no such person.")
        return user

    async def _wanted(
        self, ask: Ask, act: Act, want: Invitation | WantedGrant, login: str
    ) -> GrantRow:
        """Return the grant where the caller may give it; raises Problem, with its trace."""
        role, scope = Role(want.role), scope_of(want.role, want.outlet)
        outlet = await outlet_of(act, want.mid, want.outlet)
        if not may_grant(ask.caller.grants, Grant(role, scope, want.mid, outlet=outlet)):
            async with self._pool.act() as refusal:
                after = {"role": want.role, "mid": want.mid}
                await refusal.audit(
                    ask.entry("users:grant", "user", login, after=after, result="refused")
                )
            raise not_given(ask.caller.grants, role, want.mid)
        if want.mid and not await act.rows("select 1 from merchants where mid = %s", (want.mid,)):
            raise Problem(Code.VALIDATION_FAILED, "mid: there is no such merchant")
        return GrantRow(role.value, scope.value, want.mid, outlet)

    async def _give(self, ask: Ask, act: Act, user: UserRow, grant: GrantRow, reason: str) -> None:
        if not await console_staff.give(act, user.id, grant, ask.caller.name):
            raise Problem(Code.STATE_CONFLICT, "The person holds this role already.")
        after: Document = {"role": grant.role, "mid": grant.mid}
        await act.audit(_entry(ask, "users:give", user, after=after, reason=reason))

    async def _needs_second(self, act: Act) -> bool:
        return await console_staff.other_administrators(act, b"") >= ADMINISTRATORS_MIN

    async def _keep_one(self, act: Act, user: UserRow) -> None:
        is_one = any(grant.role == Role.PLATFORM_ADMIN for grant in user.grants)
        if is_one and not await console_staff.other_administrators(act, user.id):
            raise Problem(Code.STATE_CONFLICT, "The last administrator stays.")

    async def _ask_second(
        self, ask: Ask, act: Act, login: str, grant: GrantRow, user_id: bytes
    ) -> Done:
        raw = self._effects.new_id()
        subject = ids.encode(USER, user_id) if user_id else login
        summary: Mapping[str, Any] = {"login": login, "role": grant.role}
        row = ApprovalRow(
            *(raw, "grant", subject, "", summary, ask.caller.user_id, ask.caller.name),
            *(self._effects.now(), "open", "", None, ""),
        )
        await console_approvals.ask(act, row)
        name = ids.encode(APPROVAL, raw)
        await act.audit(ask.entry("users:ask_grant", "user", login, after=dict(summary)))
        return Done({"approval_id": name, "state": "waiting_approval", **summary}, 202)


def _entry(ask: Ask, word: str, user: UserRow, **more: Any) -> Any:  # noqa: ANN401  # an Entry
    mid = user.grants[0].mid if user.grants else ""
    return ask.entry(word, "user", user.login, mid=mid, **more)
