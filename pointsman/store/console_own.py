"""What a person keeps for themselves: saved views of lists and drafts of forms, and a new password.

Each function writes inside the Act that it is given. What may be kept is decided in console/own.py.
"""

from typing import Any, Final

import msgspec

from pointsman.store.console_pool import Act
from pointsman.store.pool import Pool

_SAVE_VIEW: Final = """
insert into saved_views (user_id, list, name, query) values (%s, %s, %s, %s)
on conflict (user_id, list, name) do update set query = excluded.query, saved_at = now()
"""
_SAVE_DRAFT: Final = """
insert into drafts (user_id, form, fields) values (%s, %s, %s::jsonb)
on conflict (user_id, form) do update set fields = excluded.fields, saved_at = now()
"""
_RENEW: Final = """
update users set password_hash = %s where id = %s and state = 'active' returning 1
"""
_OTHERS: Final = "delete from sessions where user_id = %s and hash <> %s returning 1"


class OwnThings:
    """Reads what people keep for themselves."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def views(self, user_id: bytes, name: str | None) -> list[tuple[str, str, str]]:
        """Return list, name and query of the views of a person, those of one list or all."""
        return await self._pool.rows(
            "select list, name, query from saved_views where user_id = %(who)s"
            " and (%(list)s::text is null or list = %(list)s) order by list, name",
            {"who": user_id, "list": name},
        )

    async def draft(self, user_id: bytes, form: str) -> dict[str, str] | None:
        """Return the fields of a form that was left, None where none was."""
        rows: list[tuple[Any]] = await self._pool.rows(  # Any: jsonb
            "select fields from drafts where user_id = %s and form = %s", (user_id, form)
        )
        return dict(rows[0][0]) if rows else None

    async def recovery_codes(self, user_id: bytes) -> int:
        """Return how many recovery codes are left."""
        rows = await self._pool.rows(
            "select count(*) from recovery_codes where user_id = %s", (user_id,)
        )
        return int(rows[0][0])


async def count_views(act: Act, user_id: bytes) -> int:
    """Return how many views a person has."""
    rows = await act.rows("select count(*) from saved_views where user_id = %s", (user_id,))
    return int(rows[0][0])


async def save_view(act: Act, user_id: bytes, name: tuple[str, str], query: str) -> None:
    """Keep a view under list and name; what had that name is replaced."""
    await act.rows(_SAVE_VIEW, (user_id, *name, query))


async def remove_view(act: Act, user_id: bytes, name: tuple[str, str]) -> bool:
    """Remove a view; False where there is none of that list and name."""
    return bool(
        await act.rows(
            "delete from saved_views where user_id = %s and list = %s and name = %s returning 1",
            (user_id, *name),
        )
    )


async def save_draft(act: Act, user_id: bytes, form: str, fields: dict[str, str]) -> None:
    """Keep a form as far as it is filled in; without fields it is forgotten."""
    if fields:
        await act.rows(_SAVE_DRAFT, (user_id, form, msgspec.json.encode(fields).decode()))
    else:
        await act.rows("delete from drafts where user_id = %s and form = %s", (user_id, form))


async def new_password(act: Act, user_id: bytes, password_hash: str, session: bytes) -> int | None:
    """Set a password and end the other sessions; return how many, None for one who is closed."""
    if not await act.rows(_RENEW, (password_hash, user_id)):
        return None
    return len(await act.rows(_OTHERS, (user_id, session)))
