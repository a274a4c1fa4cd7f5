"""``pointsman settle``: closes the open day, writes it again, and says what cannot be."""

import hashlib
from pathlib import Path

import pytest

from pointsman.cli.options import Exit
from tests.cli.houses import DEMO, Place, place


@pytest.fixture
def here(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> Place:
    return place(tmp_path, database, capsys)


def test_day_is_closed_once_and_written_again_with_the_same_bytes(here: Place) -> None:
    _, dry = here.json("import", str(DEMO))
    here.json("import", str(DEMO), "--commit", dry["token"])
    code, first = here.json("settle")
    assert (code, first["closed_now"], first["lines"]) == (Exit.OK, True, 0)
    code, again = here.json("settle")
    assert (code, again["closed_now"]) == (Exit.OK, False)
    assert again["settlement_date"] == first["settlement_date"]
    assert again["files"] == first["files"]
    directory = Path(again["directory"])
    assert directory == here.data / "files" / first["settlement_date"]
    for one in again["files"]:
        content = (directory / one["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
    code, out, _ = here.run("settle", "--date", first["settlement_date"])
    assert code == Exit.OK
    assert "written again" in out


def test_day_that_never_was_is_not_found(here: Place) -> None:
    code, _, err = here.run("settle")
    assert code == Exit.NOT_FOUND
    assert "import a site first" in err
    _, dry = here.json("import", str(DEMO))
    here.json("import", str(DEMO), "--commit", dry["token"])
    for day in ("2020-01-01", "2999-01-01"):
        assert here.run("settle", "--date", day)[0] == Exit.NOT_FOUND


def test_date_that_is_none_is_a_fault_of_usage(here: Place) -> None:
    with pytest.raises(SystemExit) as caught:
        here.run("settle", "--date", "22.11.2026")
    assert caught.value.code == Exit.USAGE


def test_empty_directory_is_not_made_into_a_house(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "empty.toml"
    config.write_text("")
    nowhere = Place(tmp_path / "nowhere", config, capsys)
    code, _, err = nowhere.run("settle")
    assert code == Exit.UNAVAILABLE
    assert "nothing is in" in err
    assert not nowhere.data.exists()
