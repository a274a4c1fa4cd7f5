"""What changes people of the back office: each function writes inside the Act that it is given.

Reading is in console_people.py. A session that was taken over by force of the database alone opens
nothing: cookies, links and keys are kept as hashes.
"""

from datetime import timedelta

from pointsman.store.console_pool import Act
from pointsman.store.console_rows import FAILURES_MAX, LOCK_S, GrantRow, LinkRow

LINK_LIFE = timedelta(hours=24)

_FAILED = """
update users set failures = case when failures + 1 >= %(max)s then 0 else failures + 1 end,
    locked_until = case when failures + 1 >= %(max)s
        then now() + make_interval(secs => %(lock_s)s) else locked_until end
where id = %(id)s returning failures = 0
"""
_OPEN_LINK = """
insert into one_time_links
    (hash, kind, user_id, login, role, scope, mid, totp_sealed, made_by, expires_at,
        outlet)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, now() + %s, %s)
"""
_NEW_USER = """
insert into users (id, login, name, password_hash, totp_sealed, totp_step)
values (%s, %s, %s, %s, %s, %s)
"""


async def failed(act: Act, user_id: bytes) -> bool:
    """Count a wrong try; True where this one locks the person out."""
    values = {"max": FAILURES_MAX, "lock_s": LOCK_S, "id": user_id}
    return bool((await act.rows(_FAILED, values))[0][0])


async def code_used(act: Act, user_id: bytes, step: int) -> bool:
    """Take the authenticator's step; False where somebody was quicker with the same code."""
    return bool(
        await act.rows(
            "update users set totp_step = %s where id = %s and totp_step < %s returning 1",
            (step, user_id, step),
        )
    )


async def recovery_used(act: Act, user_id: bytes, code_hash: bytes) -> bool:
    """Take a recovery code; False where there is none such any more."""
    return bool(
        await act.rows(
            "delete from recovery_codes where user_id = %s and hash = %s returning 1",
            (user_id, code_hash),
        )
    )


async def signed_in(  # the columns
    act: Act, user_id: bytes, session_hash: bytes, csrf: str, address: str, *, forgets: bool = True
) -> None:
    """Open a session; where it `forgets`, the tries that failed with it."""
    await act.rows("update users set last_sign_in_at = now() where id = %s", (user_id,))
    if forgets:
        await act.rows(
            "update users set failures = 0, locked_until = null where id = %s", (user_id,)
        )
    await act.rows(
        "insert into sessions (hash, user_id, csrf, address) values (%s, %s, %s, %s)",
        (session_hash, user_id, csrf, address),
    )


async def renewed(act: Act, session_hash: bytes, new_hash: bytes, csrf: str) -> bool:
    """Give a session a new token after the second factor was shown; False where it is over."""
    found = await act.rows(
        "update sessions set hash = %s, csrf = %s, proven_at = now() where hash = %s returning 1",
        (new_hash, csrf, session_hash),
    )
    return bool(found)


async def signed_out(act: Act, session_hash: bytes) -> None:
    """End one session."""
    await act.rows("delete from sessions where hash = %s", (session_hash,))


async def open_link(act: Act, link: LinkRow) -> None:
    """Keep a new link; an older one for the same login, or for the first, is closed."""
    await act.rows(
        "update one_time_links set used_at = now()"
        " where used_at is null and kind = %s and lower(login) = lower(%s)",
        (link.kind, link.login),
    )
    await act.rows(
        _OPEN_LINK,
        (
            *(link.hash, link.kind, link.user_id, link.login, link.role, link.scope, link.mid),
            *(link.totp_sealed, link.made_by, LINK_LIFE, link.outlet),
        ),
    )


async def link_used(act: Act, link_hash: bytes) -> bool:
    """Close the link; False where it was used at the same moment."""
    return bool(
        await act.rows(
            "update one_time_links set used_at = now() where hash = %s and used_at is null"
            " returning 1",
            (link_hash,),
        )
    )


async def new_user(
    act: Act,
    *,
    user_id: bytes,
    login: str,
    name: str,
    password_hash: str,
    totp: tuple[bytes, int],
    recovery_hashes: list[bytes],
    grant: GrantRow,
    given_by: str,
) -> None:
    """Write a person with a grant; `totp` is the sealed secret and the step that was shown."""
    await act.rows(_NEW_USER, (user_id, login, name, password_hash, *totp))
    await act.rows(
        "insert into recovery_codes select %s, unnest(%s::bytea[])", (user_id, recovery_hashes)
    )
    await act.rows(
        "insert into grants (user_id, role, scope, mid, outlet, given_by)"
        " values (%s, %s, %s, %s, %s, %s)",
        (user_id, grant.role, grant.scope, grant.mid, grant.outlet, given_by),
    )


async def closed(act: Act, user_id: bytes) -> bool:
    """Close a person: no session and no key of theirs works from now on."""
    found = await act.rows(
        "update users set state = 'closed' where id = %s and state = 'active' returning 1",
        (user_id,),
    )
    await act.rows("delete from sessions where user_id = %s", (user_id,))
    return bool(found)
