"""``pointsman audit verify``: whole is 0, altered is 8 and tells where."""

import argparse
import json
from pathlib import Path

import pytest

from pointsman.cli import audit
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.directory import DataDirectory
from pointsman.store.console_pool import Entry
from pointsman.store.pool import Pool
from tests.console.browser import OPEN, furnished


async def test_an_altered_trail_ends_with_8_and_tells_where(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    setting = Setting(Config(), DataDirectory(Path("none"), 0), None)
    for _ in range(2):
        async with office.pool.act() as act:
            await act.audit(Entry("ada", "test", "thing", "1"))
    arguments = argparse.Namespace(json=True)
    assert await audit._verify(office, arguments, setting) == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"whole": True, "broken_at": None, "rows": 2}
    owner = Pool(database)
    await owner.rows("alter table audit_events disable trigger user")
    await owner.rows("update audit_events set actor = 'eve' where sequence = 2")
    owner.close()
    assert await audit._verify(office, arguments, setting) == Exit.CHECK_FAILED
    assert json.loads(capsys.readouterr().out)["broken_at"] == 2
    OPEN.pop().pool.close()
