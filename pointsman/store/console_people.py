"""People of the back office as rows: users, their grants, sessions, one-time links, API keys.

Reads and single writes; each write is given the Act it belongs to, so that its audit row rides in
the same commit. The values are in console_rows.py;
which password or code is right is decided in console/signing.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, LiteralString

from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_rows import (
    SESSION_IDLE_S,
    SESSION_S_MAX,
    GrantRow,
    KeyRow,
    LinkRow,
    SessionRow,
    UserRow,
)
from pointsman.store.office_listings import USER_COLUMNS

_USER: LiteralString = f"select {USER_COLUMNS} from users u "  # noqa: S608  # a constant
_GRANTS = """
select user_id, role, scope, mid, outlet from grants where user_id = any(%s) order by 2, 3, 4, 5
"""
_TOUCH = """
update sessions s set seen_at = case when %s then now() else s.seen_at end from users u
where s.hash = %s and u.id = s.user_id and u.state = 'active'
    and s.seen_at > now() - make_interval(secs => %s)
    and s.created_at > now() - make_interval(secs => %s)
returning s.user_id, s.csrf, extract(epoch from now() - s.proven_at)::float8
"""
_KEY = """
update api_keys k set last_used_at = now() from users u
where k.hash = %s and k.revoked_at is null and k.expires_at > now()
    and u.id = k.made_by and u.state = 'active'
returning k.id, k.hint, k.name, k.role, k.scope, k.mid, k.made_by, k.scopes, k.addresses,
    k.outlet
"""
_LINK = """
select hash, kind, user_id, login, role, scope, mid, totp_sealed, made_by, outlet
from one_time_links
where hash = %s and used_at is null and expires_at > now()
"""


class People:
    """Users, sessions, links and keys in the database."""

    def __init__(self, pool: ConsolePool) -> None:
        self._pool = pool

    async def by_login(self, login: str) -> UserRow | None:
        """Return the person with this login, whatever its capitals."""
        return await self._one(_USER + "where lower(login) = lower(%s)", login)

    async def by_id(self, user_id: bytes) -> UserRow | None:
        """Return one person."""
        return await self._one(_USER + "where id = %s", user_id)

    async def all(self, mids: Sequence[str] | None) -> list[UserRow]:
        """Return everybody, or everybody with a grant for one of these merchants."""
        where = "where %s::text[] is null or id in (select user_id from grants where mid = any(%s))"
        rows = await self._pool.rows(_USER + where + " order by lower(login)", (mids, mids))
        return await self.with_grants(rows)

    async def is_empty(self) -> bool:
        """Say whether nobody is here yet."""
        return not await self._pool.value("select count(*) from users")

    async def session(self, session_hash: bytes, *, used: bool = True) -> SessionRow | None:
        """Return the session, marked as used where a person asked; None where it is over."""
        values = (used, session_hash, SESSION_IDLE_S, SESSION_S_MAX)
        rows = await self._pool.rows(_TOUCH, values)
        if not rows:
            return None
        user = await self.by_id(rows[0][0])
        return None if user is None else SessionRow(user, rows[0][1], rows[0][2])

    async def key(self, key_hash: bytes) -> KeyRow | None:
        """Return the API key and mark it as used; None where it may not be."""
        rows = await self._pool.rows(_KEY, (key_hash,))
        if not rows:
            return None
        key_id, hint, name, role, scope, mid, made_by, scopes, addresses, outlet = rows[0]
        grant = GrantRow(role, scope, mid, outlet)
        return KeyRow(key_id, hint, name, grant, made_by, tuple(scopes), tuple(addresses))

    async def link(self, link_hash: bytes) -> LinkRow | None:
        """Return the one-time link where it is still open."""
        rows = await self._pool.rows(_LINK, (link_hash,))
        return LinkRow(*rows[0]) if rows else None

    async def _one(self, query: LiteralString, value: object) -> UserRow | None:
        found = await self._pool.rows(query, (value,))
        return (await self.with_grants(found))[0] if found else None

    async def with_grants(self, rows: Sequence[tuple[Any, ...]]) -> list[UserRow]:
        """Return people of rows of USER_COLUMNS. Any: each column has its own type."""
        grants = await self._pool.rows(_GRANTS, ([row[0] for row in rows],))
        of: dict[bytes, list[GrantRow]] = {}
        for user_id, *grant in grants:
            of.setdefault(user_id, []).append(GrantRow(*grant))
        users = [UserRow(*row) for row in rows]
        return [replace(user, grants=tuple(of.get(user.id, ()))) for user in users]
