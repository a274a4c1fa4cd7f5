"""``pointsman owed``: one user opens a decision, another one carries it out."""

import json
from pathlib import Path

import pytest
import trio

from pointsman.cli.options import Exit
from pointsman.store.records import Recorded
from tests.cli.houses import Place, place
from tests.store.house import import_site, transaction, unknown, worker


@pytest.fixture
def here(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> Place:
    return place(tmp_path, database, capsys)


def parked(url: str) -> str:
    """Park one sale; return its id as the command shows it."""

    async def work() -> str:
        await import_site(url)
        async with worker(url) as house:
            sale = transaction(1)
            assert isinstance(await house.intend(sale), Recorded)
            await house.conclude(unknown(sale))
            await house.records.owed_parked(sale.id, "06")
        return sale.id.hex()

    return trio.run(work)


def test_two_users_close_what_is_parked(here: Place, database: str) -> None:
    id_ = parked(database)
    code, out, _ = here.run("owed", "list", "--json")
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert (code, row["id"], row["code"], row["asked"]) == (Exit.OK, id_, "06", "")
    words = ("owed", "not-done", id_, "--reason", "refunded by hand")
    code, said = here.json(*words, "--user", "ada")
    assert (code, said["result"]) == (Exit.APPROVAL_OPENED, "asked")
    assert here.run(*words, "--user", "ada")[0] == Exit.NOT_ALLOWED
    assert "not-done asked for by ada" in here.run("owed", "list")[1]
    assert here.run(*words, "--user", "grace")[0] == Exit.OK
    assert here.run("owed", "list") == (Exit.OK, "", "")
    assert here.run(*words, "--user", "grace")[0] == Exit.NOT_FOUND


@pytest.mark.parametrize("wrong", [["--user", ""], ["--user", "a\x1b[2J"], ["--reason", "x" * 201]])
def test_words_that_are_none_are_faults_of_usage(here: Place, wrong: list[str]) -> None:
    words = ["owed", "retry", "00" * 16, "--user", "ada", "--reason", "x", *wrong]
    with pytest.raises(SystemExit) as caught:
        here.run(*words)
    assert caught.value.code == Exit.USAGE
    with pytest.raises(SystemExit):
        here.run("owed", "retry", "0011", "--user", "ada", "--reason", "x")
