"""One import by its parts: keys become blocks of the right kind, generated ones are kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio
from psycopg import conninfo

from pointsman.cli.house import House, house
from pointsman.cli.importing import Imported, import_site, until_it_serves
from pointsman.cli.options import Setting
from pointsman.config import Config, Database
from pointsman.directory import DataDirectory
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import Describe, Described
from pointsman.site.file import parse
from pointsman.site.values import SiteFileError
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.site_rows import StoredSite
from pointsman.store.verbs import StoreUnavailableError
from tests.cli.houses import EXAMPLE

TEXT = EXAMPLE.read_text("utf-8")
MID = "898100053310001"


@dataclass(frozen=True)
class Desk:
    """An HSM and a database to import into."""

    house: House

    def apply(self, text: str) -> Imported:
        site = parse(text)
        dry = trio.run(import_site, self.house, site, text.encode(), None)
        return trio.run(import_site, self.house, site, text.encode(), dry.plan.token)

    def stored(self) -> StoredSite:
        async def read() -> StoredSite:
            pool = Pool(self.house.database_url)
            try:
                return await SiteSql(pool).stored_site()
            finally:
                pool.close()

        return trio.run(read)

    def kind_of(self, block: bytes) -> tuple[str, str]:
        async def ask() -> tuple[str, str]:
            async with trio.open_nursery() as nursery:
                client = HsmClient(self.house.operator_socket, role="operator")
                await nursery.start(client.run)
                answer = await client.ask(Describe(block), trio.current_time() + 5)
                nursery.cancel_scope.cancel()
            assert isinstance(answer, Described)
            return answer.usage, answer.owner

        return trio.run(ask)


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[Desk]:
    uid = tmp_path.stat().st_uid
    setting = Setting(
        Config(database=Database(url=database)), DataDirectory(tmp_path / "data", uid), None
    )
    with house(setting, with_hsm=True) as found:
        yield Desk(found)


def test_keys_are_stored_as_blocks_of_their_kind_and_owner(desk: Desk) -> None:
    assert desk.apply(TEXT).version == 1
    site = desk.stored()
    alpha = site.acquirers["alpha"].acquirer
    assert alpha.zpk is not None
    assert alpha.zak is not None
    assert desk.kind_of(alpha.zpk) == ("ZPK", "alpha")
    assert desk.kind_of(alpha.zak) == ("ZAK", "alpha")
    for tid in ("12345678", "12345679"):
        tmk = site.terminals[MID, tid].tmk
        assert tmk is not None
        assert desk.kind_of(tmk.block) == ("TMK", f"{MID}/{tid}")


def test_check_value_of_the_published_key_is_the_published_one(desk: Desk) -> None:
    desk.apply(TEXT)
    tmk = desk.stored().terminals[MID, "12345678"].tmk
    assert tmk is not None
    assert "08D7B4FB".startswith(tmk.check_value)


def test_generated_key_survives_a_later_import(desk: Desk) -> None:
    desk.apply(TEXT)
    before = desk.stored().terminals[MID, "12345679"].tmk
    assert desk.apply(TEXT.replace("Harbour Tea House", "Other Tea House")).version == 2
    after = desk.stored()
    assert after.terminals[MID, "12345679"].tmk == before
    assert after.merchants[MID].name == "Other Tea House"


def test_key_block_of_the_house_is_taken_and_one_of_another_use_refused(desk: Desk) -> None:
    desk.apply(TEXT)
    site = desk.stored()
    tmk, zpk = site.terminals[MID, "12345678"].tmk, site.acquirers["alpha"].acquirer.zpk
    assert tmk is not None
    assert zpk is not None
    taken = TEXT.replace('tmk = "generate"', f'tmk = "{tmk.block.decode()}"')
    assert desk.apply(taken).plan.details == (f"terminals: changed {MID}/12345679 (tmk)",)
    wrong = TEXT.replace('tmk = "generate"', f'tmk = "{zpk.decode()}"')
    with pytest.raises(SiteFileError, match="kind ZPK does not fit here"):
        desk.apply(wrong)


def test_changed_key_is_applied(desk: Desk) -> None:
    desk.apply(TEXT)
    before = desk.stored().acquirers["beta"]
    other = "FEDCBA98765432100123456789ABCDEF"
    head, _, tail = TEXT.partition("[acquirers.beta]")
    changed = head + "[acquirers.beta]" + tail.replace("3B6E10E5E95DB68F08137A38671FC1BC", other)
    assert desk.apply(changed).plan.details == ("acquirers: changed beta (zpk)",)
    after = desk.stored().acquirers["beta"]
    assert after.zpk_check_value != before.zpk_check_value
    assert after.acquirer.zak == before.acquirer.zak


async def test_a_database_that_comes_back_is_waited_for(database: str, tmp_path: Path) -> None:
    parts = conninfo.conninfo_to_dict(database)
    way = tmp_path / "s"
    told: list[str] = []

    def comes_back(text: str) -> None:
        told.append(text)
        way.symlink_to(str(parts["host"]))

    pool = Pool(conninfo.make_conninfo(database, host=str(way)))
    await until_it_serves(pool, comes_back)
    pool.close()
    assert told == ["the database does not answer yet; it is waited for, 120 s at most"]


async def test_a_database_that_stays_away_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(StoreUnavailableError):
        await until_it_serves(Pool(f"host={tmp_path} dbname=none"), told.append, within_s=0.0)
    assert told == []
