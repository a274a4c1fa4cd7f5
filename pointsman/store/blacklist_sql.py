"""The list of refused cards on PostgreSQL: by token, with the code that a terminal is told.

It is asked in the group commit (schema/0017); here it is read and changed. Card numbers never come
here: who makes tokens of them is the HSM.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pointsman.store.pool import Pool

CODES: Final = ("41", "43", "04")  # lost, stolen, pick up
LIST_MAX: Final = 1000
_LIST: Final = (
    "select token, code, masked, noted_at from blacklist order by noted_at, token limit %s"
)
_ADD: Final = """
insert into blacklist (token, code, masked) values (%s, %s, %s)
on conflict (token) do update set code = excluded.code returning true
"""
_REMOVE: Final = "delete from blacklist where token = %s returning true"
_NOTE: Final = """
select append_event(0, 'blacklist', null,
    jsonb_build_object('masked', %s::text, 'code', %s::text)::text)
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One refused card; `masked` is its first six and last four."""

    token: bytes
    code: str
    masked: str
    since: datetime


class BlacklistSql:
    """The list. Raises StoreUnavailableError when the database is away."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def cards(self) -> Sequence[Listed]:
        """Return what is listed, oldest first, at most `LIST_MAX`."""
        return [Listed(*row) for row in await self._pool.rows(_LIST, (LIST_MAX,))]

    async def add(self, token: bytes, code: str, masked: str) -> None:
        """Refuse a card from now on; one that is listed gets this code."""
        await self._pool.rows(_ADD, (token, code, masked))
        await self._pool.rows(_NOTE, (masked, code))

    async def remove(self, token: bytes, masked: str) -> bool:
        """Take a card off the list; false where it was not on it."""
        found = await self._pool.rows(_REMOVE, (token,))
        if found:
            await self._pool.rows(_NOTE, (masked, ""))
        return bool(found)
