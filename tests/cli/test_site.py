"""``pointsman import``: dry run, commit by token, conflicts; a broken file changes nothing."""

from pathlib import Path

import pytest

from pointsman.cli.options import Exit
from pointsman.switch.lock import hold
from tests.cli.houses import DEMO, EXAMPLE, Place, place

TEST_KEY = "0123456789ABCDEFFEDCBA9876543210"


@pytest.fixture
def here(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> Place:
    return place(tmp_path, database, capsys)


def test_dry_run_then_commit_then_nothing_left_to_do(here: Place) -> None:
    code, dry = here.json("import", str(DEMO))
    assert (code, dry["committed"], dry["version"]) == (Exit.OK, False, 0)
    assert {kind: found["added"] for kind, found in dry["changes"].items()} == {
        "acquirers": 2,
        "merchants": 3,
        "routes": 3,
        "terminals": 6,
    }
    code, done = here.json("import", str(DEMO), "--commit", dry["token"])
    assert (code, done["committed"], done["version"]) == (Exit.OK, True, 1)
    code, again = here.json("import", str(DEMO))
    assert (code, again["details"]) == (Exit.OK, [])
    code, stale = here.json("import", str(DEMO), "--commit", dry["token"])
    assert (code, stale["committed"], stale["conflict"]) == (Exit.CONFLICT, False, True)


def test_fixed_keys_of_a_laboratory_terminal_are_no_change_the_second_time(here: Place) -> None:
    _, dry = here.json("import", str(EXAMPLE))
    here.json("import", str(EXAMPLE), "--commit", dry["token"])
    _, again = here.json("import", str(EXAMPLE))
    assert again["details"] == []


def test_token_of_one_file_does_not_apply_another(here: Place, tmp_path: Path) -> None:
    _, dry = here.json("import", str(DEMO))
    other = tmp_path / "other.toml"
    other.write_text(DEMO.read_text().replace("Garden Market", "Garden Shop"))
    code, out, err = here.run("import", str(other), "--commit", dry["token"])
    assert code == Exit.CONFLICT
    assert "nothing was changed" in err
    assert "Written" not in out


def test_broken_file_tells_every_fault_and_asks_nobody(here: Place, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(DEMO.read_text().replace('"5812"', '"58"').replace('["25"]', '["26"]'))
    code, _, err = here.run("import", str(broken))
    assert code == Exit.FAILED
    assert "line 26: acquirers.beta.accepts" in err
    assert "line 31: merchants.898100053310001.mcc" in err
    assert "2 faults; nothing was changed" in err
    assert not here.data.exists()


def test_key_that_the_hsm_refuses_is_a_fault_of_its_line(here: Place, tmp_path: Path) -> None:
    text = DEMO.read_text().replace(
        f'tmk = "{TEST_KEY}"', 'tmk = "D0032P0TE00N0000AAAAAAAAAAAAAAAA"', 1
    )
    broken = tmp_path / "broken.toml"
    broken.write_text(text)
    code, _, err = here.run("import", str(broken))
    assert code == Exit.FAILED
    line = text.splitlines().index('tmk = "D0032P0TE00N0000AAAAAAAAAAAAAAAA"') + 1
    assert f"line {line}: merchants.898100053310001.terminals.12345678.tmk: refused" in err


def test_clear_keys_are_in_no_output_and_in_no_file_of_the_house(here: Place) -> None:
    _, dry = here.json("import", str(EXAMPLE))
    _, out, err = here.run("import", str(EXAMPLE), "--commit", dry["token"])
    keys = [
        line.split('"')[1]
        for line in EXAMPLE.read_text().splitlines()
        if line.startswith(("zpk", "zak", 'tmk = "0', "pik", "mak"))
    ]
    assert len(keys) == 7
    kept = b"".join(path.read_bytes() for path in here.data.rglob("*") if path.is_file())
    for key in keys:
        assert key not in out + err
        assert key.encode() not in kept
        assert bytes.fromhex(key) not in kept


def test_house_that_is_held_but_does_not_answer_is_unavailable(here: Place) -> None:
    here.data.mkdir()
    with hold(here.data / "lock"):
        code, _, err = here.run("import", str(DEMO))
    assert code == Exit.UNAVAILABLE
    assert "cannot be reached" in err


def test_file_that_is_not_there_is_told_in_one_line(here: Place) -> None:
    code, _, err = here.run("import", "nowhere.toml")
    assert code == Exit.FAILED
    assert err.count("\n") == 1
