"""Runs of reports and exports as rows: waiting, running, done with their file, or failed.

A file's link lives for a quarter of an hour; then the content is taken away and the manifest stays.
What is run is in console/exports.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import msgspec

from pointsman.store.console_pool import Act
from pointsman.store.office_listings import RUN_COLUMNS
from pointsman.store.pool import Pool

LINK_S = 15 * 60
_ONE: LiteralString = (
    f"select {RUN_COLUMNS} from report_runs r where r.id = %(id)s"  # noqa: S608  # a constant
    " and (%(mids)s::text[] is null or r.mids <@ %(mids)s::text[])"
)
_TAKE = """
update report_runs set state = 'running' where id = (
    select id from report_runs where state = 'waiting' order by made_at limit 1
        for update skip locked)
returning id
"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run; `open` says that its file can be fetched."""

    id: bytes
    report: str
    format: str
    parameters: dict[str, str]
    mids: list[str] | None
    made_by: str
    made_at: datetime
    state: str
    manifest: dict[str, object]
    file_name: str
    open: bool
    expires_at: datetime | None


async def new_run(
    act: Act,
    *,
    run_id: bytes,
    report: str,
    layout: str,
    parameters: dict[str, str],
    mids: list[str] | None,
    made_by: str,
) -> None:
    """Keep a run that is to be made."""
    await act.rows(
        "insert into report_runs (id, report, format, parameters, mids, made_by)"
        " values (%s, %s, %s, %s::jsonb, %s, %s)",
        (run_id, report, layout, msgspec.json.encode(parameters).decode(), mids, made_by),
    )


class Runs:
    """Reads and moves runs."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def by_id(self, run_id: bytes, mids: Sequence[str] | None) -> RunRow | None:
        """Return a run that tells of nobody else's merchants."""
        rows = await self._pool.rows(_ONE, {"id": run_id, "mids": mids})
        return RunRow(*rows[0]) if rows else None

    async def content(self, run_id: bytes) -> bytes | None:
        """Return the file as long as its link lives."""
        found: bytes | None = await self._pool.value(
            "select content from report_runs where id = %s and expires_at > now()", (run_id,)
        )
        return found

    async def take(self) -> RunRow | None:
        """Begin the oldest run that waits."""
        rows = await self._pool.rows(_TAKE)
        return await self.by_id(rows[0][0], None) if rows else None

    async def done(
        self, run_id: bytes, manifest: dict[str, object], file_name: str, content: bytes
    ) -> None:
        """Keep what a run made."""
        await self._pool.rows(
            "update report_runs set state = 'done', manifest = %s::jsonb, file_name = %s,"
            " content = %s, expires_at = now() + make_interval(secs => %s) where id = %s",
            (msgspec.json.encode(manifest).decode(), file_name, content, LINK_S, run_id),
        )

    async def failed(self, run_id: bytes) -> None:
        """Say that a run came to nothing."""
        await self._pool.rows("update report_runs set state = 'failed' where id = %s", (run_id,))

    async def tidy(self) -> None:
        """Take away files whose link has died."""
        await self._pool.rows(
            "update report_runs set content = null where content is not null and expires_at < now()"
        )

    async def again(self) -> None:
        """Let what was running when the process died run again."""
        await self._pool.rows("update report_runs set state = 'waiting' where state = 'running'")
