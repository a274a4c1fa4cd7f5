"""The house for one command: an own one that leaves nothing running, or the one that runs."""

from pathlib import Path

import psycopg
import pytest
import trio

from pointsman.cli.house import HouseError, house
from pointsman.cli.options import Setting
from pointsman.config import Config, Database
from pointsman.directory import DataDirectory
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import AskCounters, Counters
from pointsman.store.server import embedded_url
from pointsman.switch.lock import hold, holder


def setting(root: Path, url: str = "") -> Setting:
    return Setting(Config(database=Database(url=url)), DataDirectory(root, uid_of(root)), None)


def uid_of(root: Path) -> int:
    return root.parent.stat().st_uid


async def counters(path: str) -> object:
    async with trio.open_nursery() as nursery:
        client = HsmClient(path, role="operator")
        await nursery.start(client.run)
        answer = await client.ask(AskCounters(), trio.current_time() + 5)
        nursery.cancel_scope.cancel()
    return answer


def test_own_house_serves_and_is_gone_afterwards(tmp_path: Path, database: str) -> None:
    here = setting(tmp_path / "data", database)
    with house(here, with_hsm=True) as found:
        assert not found.running
        assert holder(here.directory.lock) is not None
        assert found.database_url == database
        assert isinstance(trio.run(counters, found.operator_socket), Counters)
    assert holder(here.directory.lock) is None
    with pytest.raises(ConnectionRefusedError):
        trio.run(trio.open_unix_socket, found.operator_socket)


def test_embedded_database_is_made_and_stopped(tmp_path: Path) -> None:
    here = setting(tmp_path / "data")
    with house(here, with_hsm=False) as found, psycopg.connect(found.database_url) as connection:
        assert connection.execute("select count(*) from site").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(found.database_url)


def test_house_that_runs_is_used_and_not_touched(tmp_path: Path) -> None:
    here = setting(tmp_path / "data")
    here.directory.root.mkdir()
    with hold(here.directory.lock), house(here, with_hsm=True) as found:
        assert found.running
        assert found.database_url == embedded_url(here.directory.postgres)
        assert found.operator_socket.endswith("/hsm/operator.sock")
        assert [path.name for path in here.directory.root.iterdir()] == ["lock"]


def test_house_that_may_not_be_made_is_refused(tmp_path: Path) -> None:
    here = setting(tmp_path / "data")
    with (
        pytest.raises(HouseError, match="nothing is in"),
        house(here, with_hsm=False, may_make=False),
    ):
        pass
    assert not here.directory.root.exists()
