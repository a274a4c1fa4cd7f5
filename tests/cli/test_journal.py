"""``pointsman journal``: a day is archived whole before it is purged, and chains are verified."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import trio

from pointsman.cli.options import Exit
from tests.cli.houses import Place, place
from tests.store.house import import_site, worker
from tests.store.test_upkeep_sql import three_days


@pytest.fixture
def here(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> Place:
    return place(tmp_path, database, capsys)


def sold(url: str) -> str:
    """Sell on three days; return the day before which the first alone is purged."""

    async def work() -> str:
        await import_site(url)
        async with worker(url) as house:
            return (await three_days(house) + timedelta(days=1)).isoformat()

    return trio.run(work)


def test_a_day_is_purged_when_its_archive_is_whole(
    here: Place, database: str, tmp_path: Path
) -> None:
    before = sold(database)
    words = ("--before", before, "--to", str(tmp_path / "archive"))
    assert here.run("journal", "purge", *words)[0] == Exit.CONFLICT
    code, archived = here.json("journal", "archive", *words)
    assert (code, archived["result"]) == (Exit.OK, "archived")
    (file,) = (tmp_path / "archive").glob("*.gz")
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert len(lines) == archived["events"] > 0
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert here.run("journal", "purge", *words)[0] == Exit.CONFLICT
    file.write_bytes(whole)
    code, purged = here.json("journal", "purge", *words)
    assert (code, purged["events"]) == (Exit.OK, archived["events"])
    code, verified = here.json("journal", "verify")
    assert (code, verified["broken"]) == (Exit.OK, {})
    assert here.run("journal", "purge", *words) == (Exit.OK, "", "")


def test_a_chain_that_was_changed_is_told_with_exit_code_8(here: Place, database: str) -> None:
    sold(database)
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("alter table events disable trigger events_only_added")
        owner.execute("update events set body = '{}' where kind = 'outcome'")
    code, out, _ = here.run("journal", "verify")
    assert code == Exit.CHECK_FAILED
    assert "does not fit from event" in out
