"""One's own things: profile with password and sessions, saved views of lists, drafts of forms.

Functions of the public API. Nobody reaches another's; a machine has none. What others may do with a
person is in staffing.py; the tables are store/console_own.py.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from pointsman.console import ids, passwords
from pointsman.console.gate import Ask
from pointsman.console.listtable import LOOKS
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Fault, Problem
from pointsman.console.signing import Signing, token_hash
from pointsman.console.staffing import SESSION
from pointsman.store import console_own, console_staff
from pointsman.store.console_own import OwnThings
from pointsman.store.console_people import People
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_rows import GrantRow

VIEWS_MAX: Final = 50
VIEW_NAME_MAX: Final = 60
QUERY_SIZE_MAX: Final = 2000
DRAFT_FIELDS_MAX: Final = 40
DRAFT_VALUE_MAX: Final = 1200
SECRET: Final = frozenset(
    {"csrf", "once", "code", "password", "old", "new", "transport_key", "act"}
)
"""Fields of forms that no draft holds."""
_FORM = re.compile("[a-z][a-z0-9-]{0,40}")
_DAY = "business_date"
_WORDS: Final = {"today": 0, "yesterday": 1}


class Own:
    """What a person keeps and changes for themselves."""

    def __init__(
        self, pool: ConsolePool, people: People, things: OwnThings, signing: Signing
    ) -> None:
        self._pool = pool
        self._people = people
        self._things = things
        self._signing = signing

    async def profile(self, ask: Ask) -> Document:
        """Tell who one is, what one may, and where one is signed in."""
        user_id = _person(ask)
        user = await self._people.by_id(user_id)
        if user is None:
            raise Problem(Code.NOT_FOUND, "There is no such person.")
        async with self._pool.act() as act:
            rows = await console_staff.sessions(act, user_id)
        here = token_hash(ask.caller.token)[:16]
        return {
            "login": user.login,
            "name": user.name,
            "grants": [{"role": g.role, "scope": g.scope, "mid": g.mid} for g in user.grants],
            "recovery_codes": await self._things.recovery_codes(user_id),
            "sessions": [
                {
                    "id": ids.encode(SESSION, raw),
                    "address": address,
                    "since": time_text(since),
                    "seen": time_text(seen),
                    "this": raw == here,
                }
                for raw, address, since, seen in rows
            ],
        }

    async def change_password(self, ask: Ask, old: str, new: str) -> Document:
        """Set a new password; wants the old one and a fresh code. Other sessions end."""
        user_id = _person(ask)
        ask.require_fresh()
        user = await self._people.by_id(user_id)
        kept = user.password_hash if user else None
        if not await passwords.fits(kept, old):
            raise _wrong("old", "this is not your password")
        if why := passwords.why_not(new, ask.caller.name):
            raise _wrong("new", why)
        hashed = await passwords.hashed(new)
        async with self._pool.act() as act:
            session = token_hash(ask.caller.token)
            ended = await console_own.new_password(act, user_id, hashed, session)
            if ended is None:
                raise Problem(Code.NOT_FOUND, "There is no such person.")
            await act.audit(ask.entry("own:password", "user", ask.caller.name))
        return {"ended": ended}

    async def renewal(self, ask: Ask) -> str:
        """Return the token of a link by which one gives oneself a new second factor."""
        user_id = _person(ask)
        ask.require_fresh()
        name = ask.caller.name
        grant = ask.caller.grants[0]
        async with self._pool.act() as act:
            row = GrantRow(grant.role.value, grant.scope.value, grant.mid)
            token = await self._signing.link(act, "reset", name, name, row, user_id)
            await act.audit(ask.entry("own:second_factor", "user", name))
        return token

    async def end_session(self, ask: Ask, session: str) -> Document:
        """End one of one's sessions."""
        user_id = _person(ask)
        raw = ids.decode(SESSION, session)
        async with self._pool.act() as act:
            if raw is None or not await console_staff.end_session(act, user_id, raw):
                raise Problem(Code.NOT_FOUND, "There is no such session.")
            await act.audit(ask.entry("own:end_session", "user", ask.caller.name))
        return {"ended": 1}

    async def views(self, ask: Ask, name: str | None, today: date | None) -> Document:
        """List saved views; the address of each has the days of now."""
        rows = await self._things.views(_person(ask), name)
        found = [
            {"list": one, "name": title, "query": query, "address": _address(one, query, today)}
            for one, title, query in rows
        ]
        return {"data": found}

    async def save_view(
        self, ask: Ask, name: tuple[str, str], query: str, today: date | None
    ) -> Document:
        """Keep a list's parameters under a name; days of now become the words for them."""
        user_id = _person(ask)
        listed, title = name[0], name[1].strip()
        if listed not in LOOKS:
            raise _wrong("list", "one of the lists expected")
        if not (1 <= len(title) <= VIEW_NAME_MAX and title.isprintable()):
            raise _wrong("name", f"1 to {VIEW_NAME_MAX} characters")
        if len(query) > QUERY_SIZE_MAX or not query.isprintable():
            raise _wrong("query", "the list's own parameters expected")
        async with self._pool.act() as act:
            if await console_own.count_views(act, user_id) >= VIEWS_MAX:
                raise _wrong("name", f"at most {VIEWS_MAX} views: remove one first")
            await console_own.save_view(act, user_id, (listed, title), _relative(query, today))
        return {"list": listed, "name": title}

    async def remove_view(self, ask: Ask, name: tuple[str, str]) -> Document:
        """Remove a saved view."""
        async with self._pool.act() as act:
            if not await console_own.remove_view(act, _person(ask), name):
                raise Problem(Code.NOT_FOUND, "There is no such view.")
        return {"list": name[0], "name": name[1]}

    async def draft(self, ask: Ask, form: str) -> Document:
        """Tell what a form held when it was left."""
        return {"form": form, "fields": await self._things.draft(_person(ask), form) or {}}

    async def save_draft(self, ask: Ask, form: str, fields: Mapping[str, str]) -> Document:
        """Keep a form as it is filled in; secrets never; nothing filled in forgets it."""
        user_id = _person(ask)
        if not _FORM.fullmatch(form) or len(fields) > DRAFT_FIELDS_MAX:
            raise _wrong("form", f"a form's name and at most {DRAFT_FIELDS_MAX} fields expected")
        kept = {name: value for name, value in fields.items() if value and name not in SECRET}
        for name, value in kept.items():
            if len(name) > VIEW_NAME_MAX or len(value) > DRAFT_VALUE_MAX or not value.isprintable():
                raise _wrong("fields", "printable text of sensible length expected")
        async with self._pool.act() as act:
            await console_own.save_draft(act, user_id, form, kept)
        return {"form": form, "fields": kept}


def _person(ask: Ask) -> bytes:
    if not ask.caller.token:
        raise Problem(Code.PERMISSION_DENIED, "A machine has nothing of its own here.")
    return ask.caller.user_id


def _wrong(field: str, why: str) -> Problem:
    return Problem(
        Code.VALIDATION_FAILED, f"{field}: {why}", faults=(Fault(field, "invalid", why),)
    )


def _relative(query: str, today: date | None) -> str:
    """Return the parameters with the days of now as words, without the place in the list."""
    found = []
    for name, value in parse_qsl(query.partition("#")[0]):
        if name in ("after", "before"):
            continue
        shown = value
        if name == _DAY and today is not None:
            for word, back in _WORDS.items():
                if value == (today - timedelta(days=back)).isoformat():
                    shown = word
        found.append((name, shown))
    looks = query.partition("#")[2]
    return urlencode(found) + (f"#{looks}" if looks else "")


def _address(listed: str, query: str, today: date | None) -> str:
    """Return the page's address with the days that the words mean now."""
    parameters, _, looks = query.partition("#")
    found = []
    for name, value in parse_qsl(parameters):
        back = _WORDS.get(value) if name == _DAY else None
        if back is None:
            found.append((name, value))
        elif today is not None:
            found.append((name, (today - timedelta(days=back)).isoformat()))
    path = f"/{listed}" + (f"?{urlencode(found)}" if found else "")
    return path + (f"#{looks}" if looks else "")
