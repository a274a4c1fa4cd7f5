"""Browsers that a person has signed in with: their own count of wrong tries, and their own lock.

Each function writes inside the Act that it is given. Which browser is known is said by a cookie,
whose hash is bound to the password (console/enrolling.py): with a new one no browser is known.
"""

from dataclasses import dataclass
from typing import Final

from pointsman.store.console_pool import Act, ConsolePool
from pointsman.store.console_rows import FAILURES_MAX, LOCK_S

KNOWN_MAX: Final = 10
"""Browsers of one person; the oldest goes."""
_FIND = """
select coalesce(locked_until > now(), false) from known_browsers where hash = %s and user_id = %s
"""
_FAILED = """
update known_browsers set
    failures = case when failures + 1 >= %(max)s then 0 else failures + 1 end,
    locked_until = case when failures + 1 >= %(max)s
        then now() + make_interval(secs => %(lock_s)s) else locked_until end
where hash = %(hash)s returning failures = 0
"""
_MAY_OPEN = """
select not coalesce(locked_until > now(), false) from known_browsers where hash = %s for update
"""
_MAY_OPEN_UNKNOWN = """
select not coalesce(locked_until > now(), false) from users where id = %s for update
"""


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser that the person was in before."""

    hash: bytes
    locked: bool


async def known(pool: ConsolePool, user_id: bytes, browser: bytes) -> KnownBrowser | None:
    """Return the browser of this hash, if it is one of this person's."""
    rows = await pool.rows(_FIND, (browser, user_id))
    return KnownBrowser(browser, rows[0][0]) if rows else None


async def failed(act: Act, browser: bytes) -> bool:
    """Count a wrong try; True where this one locks the browser out."""
    values = {"max": FAILURES_MAX, "lock_s": LOCK_S, "hash": browser}
    rows = await act.rows(_FAILED, values)
    return bool(rows and rows[0][0])


async def may_open(act: Act, user_id: bytes, browser: bytes | None) -> bool:
    """Say, holding the counter's row, whether it is still open: others may try at this moment."""
    rows = (
        await act.rows(_MAY_OPEN_UNKNOWN, (user_id,))
        if browser is None
        else await act.rows(_MAY_OPEN, (browser,))
    )
    return bool(rows and rows[0][0])


async def succeeded(act: Act, browser: bytes) -> None:
    """Forget the tries that failed in this browser."""
    await act.rows("update known_browsers set failures = 0 where hash = %s", (browser,))


async def remember(act: Act, user_id: bytes, browser: bytes) -> None:
    """Keep a browser as known; the oldest beyond the bound are forgotten."""
    await act.rows(
        "insert into known_browsers (hash, user_id) values (%s, %s) on conflict do nothing",
        (browser, user_id),
    )
    await act.rows(
        "delete from known_browsers where user_id = %s and hash not in (select hash from"
        " known_browsers where user_id = %s order by made_at desc limit %s)",
        (user_id, user_id, KNOWN_MAX),
    )
