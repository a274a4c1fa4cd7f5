"""Makes a house with a history in one go: clock, first day, site, days, outlets, books.

A shell. The site is brought in by whoever calls (`bring_site`), since its keys come from an HSM;
what is written day by day is filling.py. The console adds up the figures of its closed days, as it
does of any (console/background.py): nobody waits for them here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from pointsman.effects import Effects
from pointsman.history.calendar import Day, days
from pointsman.history.chance import Chance
from pointsman.history.clock import PastClock, past
from pointsman.history.filling import Filling, Seal
from pointsman.history.tills import NewKeys
from pointsman.history.town import DAYS, RETIRED_DAY, Fate, Place, places
from pointsman.settlement import end_of_day
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool

SEED = 20_260_101
ANALYZE_S = 60.0


class NotFreshError(Exception):
    """The house has business days already: its past is its own."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    days: int
    payments: int


async def make(
    url: str,
    *,
    data_files: Path,
    ledgers: Path,
    now: datetime,
    zone: ZoneInfo,
    cutoff: time,
    bring_site: Callable[[], Awaitable[None]],
    seal: Seal,
    new_keys: NewKeys,
    machine: str,
    seed: int = SEED,
    count: int = DAYS,
    told: Callable[[int], None] = lambda _day: None,
) -> Made:
    """Write the last `count` days of the history up to `now`; raises NotFreshError."""
    pool = Pool(url, timeout_s=ANALYZE_S)
    clock = PastClock(url)
    try:
        if await pool.value("select count(*) from business_days"):
            raise NotFreshError
        every = days(end_of_day.business_date(now, cutoff, zone), zone)[DAYS - count :]
        await clock.begin()
        await clock.move(every[0].midnight_ms)
        await pool.rows("select open_business_day(%s)", (every[0].date,))
        await bring_site()
        directory = await SiteSql(pool).directory(0)
        assert directory is not None, "the site was just brought in"
        rows = await pool.rows("select mid, array_agg(tid) from terminals group by mid")
        town = places({mid: list(tids) for mid, tids in rows})
        await _settle_in(url, town, every, seed)
        filling = Filling(
            url, data_files, now, seal, new_keys, machine, seed, directory, town, clock
        )
        await filling.fill(every, told)
        await clock.end()
        await pool.rows("analyze")
    finally:
        clock.close()
        pool.close()
    _write_books(ledgers, filling.books)
    return Made(len(every), filling.payments)


async def _settle_in(url: str, town: list[Place], every: list[Day], seed: int) -> None:
    """Make the outlets, and put each terminal into its own; what was retired is taken out."""
    pool = Pool(past(url))
    since = datetime.fromtimestamp(every[0].midnight_ms / 1000, UTC)
    made: dict[tuple[str, str], bytes] = {}
    for place in town:
        name = (place.mid, place.outlet.name)
        if name not in made:
            chance = Chance(seed, "outlet", *name)
            made[name] = Effects(lambda: since, chance.octets).new_id()
            outlet = {
                "id": "\\x" + made[name].hex(),
                "mid": place.mid,
                "name": place.outlet.name,
                "city": place.outlet.city,
                "address": place.outlet.address,
            }
            await pool.rows("select add_outlet(%s::jsonb)", (msgspec.json.encode(outlet).decode(),))
        await pool.rows(
            "select place_terminal(%s, %s, %s, %s, %s)",
            (place.mid, place.tid, made[name], place.serial, since),
        )
    for place in town:
        if place.fate is Fate.RETIRED:
            retired = [day for day in every if day.number == RETIRED_DAY] or every[:1]
            until = datetime.fromtimestamp(retired[0].midnight_ms / 1000, UTC)
            await pool.rows(
                "update terminal_bindings set until = %s where mid = %s and tid = %s",
                (until, place.mid, place.tid),
            )
    pool.close()


def _write_books(directory: Path, books: Mapping[str, bytearray]) -> None:
    """Write the acquirers' ledgers, as their simulators read them at their start."""
    directory.mkdir(parents=True, exist_ok=True)
    for acquirer, lines in sorted(books.items()):
        (directory / f"{acquirer}.jsonl").write_bytes(lines)
