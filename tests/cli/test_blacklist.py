"""``pointsman blacklist``: numbers come on standard input alone and are shown masked."""

import io
from pathlib import Path

import psycopg
import pytest

from pointsman.cli.options import Exit
from tests.cli.houses import DEMO, Place, place

CARDS = ("6226388000000095", "4111111111111111")


@pytest.fixture
def here(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> Place:
    made = place(tmp_path, database, capsys)
    code, shown = made.json("import", str(DEMO))
    assert code == Exit.OK
    assert made.run("import", str(DEMO), "--commit", shown["token"])[0] == Exit.OK
    return made


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))


def test_cards_are_listed_masked_taken_off_again_and_stand_in_the_trail(
    here: Place, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, *CARDS)
    words = ("--code", "43", "--reason", "reported stolen")
    assert here.run("blacklist", "add", *words)[0] == Exit.OK
    code, out, _ = here.run("blacklist", "list")
    assert code == Exit.OK
    assert sorted(line.split()[:2] for line in out.splitlines()) == [
        ["411111******1111", "43"],
        ["622638******0095", "43"],
    ]
    typed(monkeypatch, CARDS[0])
    assert here.run("blacklist", "remove")[0] == Exit.OK
    typed(monkeypatch, *CARDS)
    assert here.run("blacklist", "remove")[0] == Exit.NOT_FOUND
    assert here.run("blacklist", "list") == (Exit.OK, "", "")
    with psycopg.connect(database) as connection:
        trail = connection.execute(
            "select act, after ->> 'card', reason from audit_events"
            " where act like 'blacklist:%' order by sequence"
        ).fetchall()
    assert [row[0] for row in trail] == ["blacklist:add"] * 2 + ["blacklist:remove"] * 2
    assert trail[0][1:] == ("622638******0095", "reported stolen")


@pytest.mark.parametrize("wrong", ["", "4111111111111112", "411111111111111x", "41111111111", "-1"])
def test_what_is_no_card_number_is_refused_and_not_shown(
    here: Place, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    typed(monkeypatch, CARDS[0], wrong) if wrong else typed(monkeypatch)
    code, out, err = here.run("blacklist", "add")
    assert (code, out) == (Exit.USAGE, "")
    assert CARDS[0] not in err
    assert here.run("blacklist", "list") == (Exit.OK, "", "")
