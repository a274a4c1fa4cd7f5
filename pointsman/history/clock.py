"""The clock of the history in the database: rows that are written get the story's moments.

A shell over clock.sql and clock_end.sql. It stands only while no house serves; the switch's own
tables and functions are those of every house.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources
from urllib.parse import quote

from pointsman.store.connection import connect
from pointsman.store.pool import Pool

_LATER = "set_config('synchronous_commit', 'off', true) <> ''"
_MOVE = f"update past.clock set at = %s where {_LATER}"  # noqa: S608  # constants
_FORGET = f"delete from past.told where {_LATER}"  # noqa: S608  # constants
_TELL = f"""
insert into past.told select id, to_timestamp(ms / 1000.0)
from unnest(%s::bytea[], %s::bigint[]) t(id, ms) where {_LATER}
"""  # noqa: S608  # constants


def past(url: str) -> str:
    """Return the address of a database for sessions whose now() is the history's.

    What they create goes where it always goes: `public` comes first.
    """
    return f"{url}&options={quote('-csearch_path=public,past,pg_catalog')}"


class PastClock:
    """Moves the clock; one owner."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = Pool(url)

    async def begin(self) -> None:
        """Put the clock into the database."""
        await self._run("clock.sql")

    async def end(self) -> None:
        """Take it away: from here on every row gets the present moment."""
        self.close()
        await self._run("clock_end.sql")

    def close(self) -> None:
        """Close what is open to the database."""
        self._pool.close()

    async def move(self, at_ms: int) -> None:
        """Set the clock, in milliseconds of UTC."""
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
        await self._pool.rows(_MOVE, (at,))

    async def tell(self, told: Sequence[tuple[bytes, int]]) -> None:
        """Say when the outcomes of these payments are written; those of the day before go."""
        await self._pool.rows(_FORGET)
        await self._pool.rows(_TELL, ([one for one, _ in told], [at for _, at in told]))

    async def _run(self, name: str) -> None:
        text = resources.files("pointsman.history").joinpath(name).read_text(encoding="utf-8")
        connection = await connect(self._url)
        try:
            await connection.execute(f"begin;\n{text}\ncommit;".encode())
        finally:
            connection.end()
