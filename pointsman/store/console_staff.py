"""Changes of people's rights, sessions, keys and links, each inside the Act that it is given.

Who may change whom is in console/staffing.py; making a person and signing in are
console_people_acts.py. A lock keeps two acts from taking the last administrator each.
"""

from datetime import timedelta
from typing import Any, Final

from pointsman.store.console_pool import Act
from pointsman.store.console_rows import GrantRow

_LOCK: Final = 8583010
_NEW_KEY: Final = """
insert into api_keys (id, hash, hint, name, role, scope, mid, made_by, expires_at, scopes,
    addresses, outlet)
values (%s, %s, %s, %s, %s, %s, %s, %s, now() + %s, %s, %s, %s)
"""
_GIVE: Final = """
insert into grants (user_id, role, scope, mid, outlet, given_by) values (%s, %s, %s, %s, %s, %s)
on conflict do nothing returning 1
"""
_SESSIONS: Final = """
select substr(hash, 1, 16), address, created_at, seen_at from sessions
where user_id = %s and seen_at > now() - interval '15 minutes' order by seen_at desc limit 50
"""
_ADMINISTRATORS: Final = """
select count(distinct g.user_id) from grants g join users u on u.id = g.user_id
where g.role = 'platform_admin' and u.state = 'active' and u.id <> %s
"""
_RENEW: Final = """
update users set password_hash = %s, totp_sealed = %s, totp_step = %s, failures = 0,
    locked_until = null
where id = %s and state = 'active' returning login
"""

Rows = list[tuple[Any, ...]]  # Any: rows have the shape of their query


async def other_administrators(act: Act, user_id: bytes) -> int:
    """Return how many administrators there are beside this person; they stay so many."""
    await act.rows("select pg_advisory_xact_lock(%s)", (_LOCK,))
    return int((await act.rows(_ADMINISTRATORS, (user_id,)))[0][0])


async def give(act: Act, user_id: bytes, grant: GrantRow, given_by: str) -> bool:
    """Give a role; False where it is held already."""
    values = (user_id, grant.role, grant.scope, grant.mid, grant.outlet, given_by)
    return bool(await act.rows(_GIVE, values))


async def take(act: Act, user_id: bytes, grant: GrantRow) -> bool:
    """Take a role, and with it sessions and keys of that scope; False where it was not held."""
    found = await act.rows(
        "delete from grants where user_id = %s and role = %s and scope = %s and mid = %s"
        " and outlet = %s returning 1",
        (user_id, grant.role, grant.scope, grant.mid, grant.outlet),
    )
    await act.rows(
        "update api_keys set revoked_at = now()"
        " where made_by = %s and mid = %s and (%s = ''::bytea or outlet = %s)"
        " and revoked_at is null",
        (user_id, grant.mid, grant.outlet, grant.outlet),
    )
    await end_sessions(act, user_id)
    return bool(found)


async def end_sessions(act: Act, user_id: bytes) -> int:
    """End all sessions of a person; return how many."""
    return len(await act.rows("delete from sessions where user_id = %s returning 1", (user_id,)))


async def end_session(act: Act, user_id: bytes, session: bytes) -> bool:
    """End one session, named by the first bytes of its hash."""
    found = await act.rows(
        "delete from sessions where user_id = %s and substr(hash, 1, 16) = %s returning 1",
        (user_id, session),
    )
    return bool(found)


async def sessions(act: Act, user_id: bytes) -> Rows:
    """Return id, address, beginning and last use of the sessions that are alive."""
    return await act.rows(_SESSIONS, (user_id,))


async def renew(
    act: Act,
    user_id: bytes,
    *,
    password_hash: str,
    totp: tuple[bytes, int],
    recovery_hashes: list[bytes],
) -> str | None:
    """Give a person a new password and a new second factor; return the login, None if closed."""
    found = await act.rows(_RENEW, (password_hash, *totp, user_id))
    await act.rows("delete from recovery_codes where user_id = %s", (user_id,))
    await act.rows(
        "insert into recovery_codes select %s, unnest(%s::bytea[])", (user_id, recovery_hashes)
    )
    await end_sessions(act, user_id)
    return str(found[0][0]) if found else None


async def new_key(
    act: Act,
    *,
    key_id: bytes,
    key_hash: bytes,
    hint: str,
    name: str,
    grant: GrantRow,
    made_by: bytes,
    life: timedelta,
    scopes: list[str],
    addresses: list[str],
) -> None:
    """Keep an API key; the key itself is shown once and nowhere kept."""
    who = (grant.role, grant.scope, grant.mid, made_by)
    values = (key_id, key_hash, hint, name, *who, life, scopes, addresses, grant.outlet)
    await act.rows(_NEW_KEY, values)


async def key_mid(act: Act, key_id: bytes) -> str | None:
    """Return whose business a key is; None where there is none such."""
    found = await act.rows("select mid from api_keys where id = %s for update", (key_id,))
    return str(found[0][0]) if found else None


async def revoke_key(act: Act, key_id: bytes) -> bool:
    """Revoke a key; False where it was."""
    found = await act.rows(
        "update api_keys set revoked_at = now() where id = %s and revoked_at is null returning 1",
        (key_id,),
    )
    return bool(found)


async def put_out(
    act: Act,
    *,
    letter: bytes,
    kind: str,
    recipient: str,
    mid: str,
    link_hash: bytes,
    sealed: bytes,
    made_by: str,
) -> None:
    """Put a link into the outbox."""
    await act.rows(
        "insert into outbox (id, kind, recipient, mid, link_hash, sealed, made_by)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (letter, kind, recipient, mid, link_hash, sealed, made_by),
    )


async def letter(act: Act, raw: bytes) -> tuple[str, str, bytes, bytes] | None:
    """Return MID, recipient, link's hash and sealed token of an open link in the outbox."""
    rows = await act.rows(
        "select o.mid, o.recipient, o.link_hash, o.sealed from outbox o"
        " join one_time_links l on l.hash = o.link_hash"
        " where o.id = %s and l.used_at is null and l.expires_at > now()",
        (raw,),
    )
    return (rows[0][0], rows[0][1], rows[0][2], rows[0][3]) if rows else None
