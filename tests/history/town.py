"""What the tests of the history begin with: a town of a few days in a database of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from hashlib import sha256
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from pointsman.history import making
from pointsman.history.making import Made
from pointsman.history.rerun import Sealed
from pointsman.history.town import Place, places
from pointsman.site.file import parse
from pointsman.site.plan import key_needs, make_plan
from pointsman.store.parties import Terminal
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.site_rows import StoredKey

NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)  # a Tuesday afternoon in the town
ZONE = ZoneInfo("Asia/Shanghai")
SITE = resources.files("pointsman.sim").joinpath("demo_town.toml").read_text()


def town() -> list[Place]:
    found: dict[str, list[str]] = {}
    for mid, tid in parse(SITE).terminals:
        found.setdefault(mid, []).append(tid)
    return places(found)


@dataclass(frozen=True, slots=True)
class When:
    """When and where the town's days are."""

    now: datetime = NOW
    zone: ZoneInfo = ZONE
    cutoff: time = time(23)

    @property
    def site(self) -> str:
        """The demo's site in this zone, with this cut-off."""
        text = re.sub('zone = "[^"]*"', f'zone = "{self.zone}"', SITE, count=1)
        return re.sub('cutoff = "[^"]*"', f'cutoff = "{self.cutoff:%H:%M}"', text, count=1)


async def bring_site(url: str, text: str = SITE) -> None:
    """Import the demo's site with keys that nobody can use."""
    site, pool = parse(text), Pool(url)
    keys = {need.path: StoredKey(b"block", "ABCDEF") for need in key_needs(site)}
    plan = make_plan(site, keys, await SiteSql(pool).stored_site(), b"digest")
    assert await SiteSql(pool).apply_site(plan.change, plan.version) is not None
    pool.close()


async def seal(many: Sequence[tuple[str, bytes]]) -> list[Sealed]:
    return [
        (sha256(number.encode()).digest()[:16], sha256(number.encode() + row).digest())
        for number, row in many
    ]


async def new_keys(terminal: Terminal) -> tuple[bytes, bytes]:
    return b"tpk " + terminal.tid.encode(), b"tak " + terminal.tid.encode()


async def made(
    url: str, directory: Path, count: int, seed: int = making.SEED, when: When | None = None
) -> Made:
    at = when or When()
    return await making.make(
        url,
        data_files=directory / "files",
        ledgers=directory / "acquirers",
        now=at.now,
        zone=at.zone,
        cutoff=at.cutoff,
        bring_site=lambda: bring_site(url, at.site),
        seal=seal,
        new_keys=new_keys,
        machine="machine",
        seed=seed,
        count=count,
    )
