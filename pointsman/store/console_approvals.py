"""Decisions that want a second person, as rows: asked by one, decided once by another.

Each function writes inside the Act it is given. Who may decide what is in console/approvals.py;
that nobody decides what they asked is a constraint of the table as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from pointsman.store.console_pool import Act

_ROW: Final = """
select id, kind, object_id, mid, summary, asked_by, asked_name, asked_at, state, decided_name,
    decided_at, reason, coalesce((select m.name from merchants m where m.mid = a.mid), '')
from approvals a
"""
_NEW: Final = """
insert into approvals (id, kind, object_id, mid, summary, asked_by, asked_name)
values (%s, %s, %s, %s, %s::jsonb, %s, %s)
"""
_DECIDE: Final = """
update approvals set state = %s, decided_by = %s, decided_name = %s, decided_at = now(), reason = %s
where id = %s and state = 'open' returning 1
"""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One decision."""

    id: bytes
    kind: str
    object_id: str
    mid: str
    summary: Mapping[str, Any]  # Any: JSON
    asked_by: bytes
    asked_name: str
    asked_at: datetime
    state: str
    decided_name: str
    decided_at: datetime | None
    reason: str
    merchant_name: str = ""  # of a row that was read


async def locked(act: Act, approval: bytes) -> ApprovalRow | None:
    """Return a decision and hold it: whoever comes second waits and sees it decided."""
    rows = await act.rows(_ROW + "where id = %s for update", (approval,))
    return ApprovalRow(*rows[0]) if rows else None


async def ask(act: Act, row: ApprovalRow) -> None:
    """Write a new decision that waits."""
    summary = msgspec.json.encode(row.summary).decode()
    await act.rows(
        _NEW, (row.id, row.kind, row.object_id, row.mid, summary, row.asked_by, row.asked_name)
    )


async def decide(
    act: Act, approval: bytes, *, state: str, by: bytes, name: str, reason: str
) -> bool:
    """Decide; False where it was decided already."""
    return bool(await act.rows(_DECIDE, (state, by, name, reason, approval)))
