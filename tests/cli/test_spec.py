"""``pointsman spec``: dialects shown, compared, checked, compiled and exchanged with pyiso8583."""

from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.codecs.codec import codec_names
from tests.codecs.golden import golden


def run(*words: str) -> int:
    return main(list(words))


@pytest.mark.parametrize("name", codec_names())
def test_shown_dialect_is_a_dialect_file_again(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("spec", "show", name) == 0
    copy = tmp_path / f"{name}.toml"
    copy.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("spec", "lint", str(copy)) == 0
    capsys.readouterr()
    assert run("spec", "diff", name, str(copy)) == 0
    assert capsys.readouterr().out == ""


def test_diff_prints_what_a_variant_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("spec", "diff", "cup-bcd", "cup-bcd-track2F") == 0
    before, after = capsys.readouterr().out.splitlines()
    assert 'pad = "right 0"' in before
    assert 'pad = "right F"' in after


def test_lint_tells_the_line_of_the_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\ntitle = "mine"\nbase = "cup-bcd"\n[fields]\n3 = { size = 0 }\n')
    assert run("spec", "lint", str(path)) == 8
    assert "mine.toml:5: field 3: size" in capsys.readouterr().err


def test_dictionaries_of_pyiso8583_go_out_and_come_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("spec", "show", "ascii87-hexbitmap", "--pyiso") == 0
    path = tmp_path / "spec.json"
    path.write_text(capsys.readouterr().out)
    assert run("spec", "import", str(path), "--name", "theirs") == 0
    mine = tmp_path / "theirs.toml"
    mine.write_text(capsys.readouterr().out)
    wire = golden("host-ascii-sale-req").wire.hex()
    assert run("decode", wire, "--format", str(mine), "--framing", "ascii4", "--json") == 0
    path.write_text("{}")
    assert run("spec", "import", str(path), "--name", "theirs") == 8


def test_code_of_a_bitmap_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("spec", "compile", "cup-bcd", "--bitmap", "702406C020C09A11", "--show") == 0
    shown = capsys.readouterr().out
    assert "def decode(body):" in shown
    assert "def encode(mti, fields):" in shown


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["spec", "lint", "cup-bdc"], 3),
        (["spec", "lint", "/nowhere.toml", "cup-bcd"], 3),
        (["spec", "lint", __file__ + "/x.toml"], 8),
        (["spec", "show", "cup-bdc"], 3),
        (["spec", "diff", "cup-bcd", "/nowhere.toml"], 3),
        (["spec", "import", "/nowhere.json", "--name", "mine"], 3),
        (["spec", "import", __file__, "--name", "mine"], 8),
        (["spec", "compile", "cup-bcd", "--bitmap", "80"], 2),
        (["spec", "compile", "cup-bcd", "--bitmap", "4000000000000001"], 0),
        (["spec", "compile", "cup-bcd", "--bitmap", "4100000000000001"], 8),
        (["spec", "list"], 0),
    ],
)
def test_it_ends_as_documented(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == code
    assert "Traceback" not in capsys.readouterr().err
