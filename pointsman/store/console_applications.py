"""Merchants that ask to be taken, as rows; each is decided once.

Each function writes inside the Act it is given. What taking one means is console/applying.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pointsman.store.console_pool import Act

OPEN_MAX: Final = 200
"""Strangers write these: beyond so many that wait, no more are taken."""
_ROW: Final = """
select id, name, mcc, city, country, currency, login, contact, address, made_at, state, mid,
    decided_by, decided_at, reason
from applications
"""
_NEW: Final = """
insert into applications (id, name, mcc, city, country, currency, login, contact, address)
select %s, %s, %s, %s, %s, %s, %s, %s, %s
where (select count(*) from applications where state = 'submitted') < %s returning 1
"""


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One application; its texts are a stranger's."""

    id: bytes
    name: str
    mcc: str
    city: str
    country: str
    currency: str
    login: str
    contact: str
    address: str
    made_at: datetime
    state: str
    mid: str
    decided_by: str
    decided_at: datetime | None
    reason: str


async def submit(act: Act, application: bytes, told: Sequence[str]) -> bool:
    """Write a new one; False where too many wait.

    `told`: name, MCC, city, country, currency, login, contact, and the address it came from.
    """
    return bool(await act.rows(_NEW, (application, *told, OPEN_MAX)))


async def locked(act: Act, application: bytes) -> ApplicationRow | None:
    """Return one and hold it."""
    rows = await act.rows(_ROW + "where id = %s for update", (application,))
    return ApplicationRow(*rows[0]) if rows else None


async def decide(
    act: Act, application: bytes, state: str, *, mid: str, by: str, reason: str
) -> None:
    """Decide one that is held."""
    await act.rows(
        "update applications set state = %s, mid = %s, decided_by = %s, decided_at = now(),"
        " reason = %s where id = %s",
        (state, mid, by, reason, application),
    )
