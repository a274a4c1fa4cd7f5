"""The three commands of this room: decode, encode, spec; what they print and how they end."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.cli import decode, encode, spec
from pointsman.codecs.codec import codec_names
from tests.codecs.golden import Golden, golden, golden_messages, stream

ALL = pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)
SALE = "cup-sale-chip-pin-req"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(required=True)
    for module in (decode, encode, spec):
        module.add_parser(subparsers)
    arguments = parser.parse_args(words)
    return int(arguments.run(arguments))


@ALL
def test_decode_finds_framing_dialect_and_fields_alone(
    message: Golden, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("decode", message.wire.hex(), "--json", "--unmasked")
    shown = json.loads(capsys.readouterr().out)
    assert code == 0
    assert shown["error"] is None
    assert shown["format"] == message.dialect
    assert shown["framing"] == message.framing
    assert shown["mti"] == message.mti
    assert shown["fields"] == {str(number): value for number, value in message.fields.items()}


@ALL
def test_decode_takes_bare_messages_too(
    message: Golden, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("decode", message.body.hex(), "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["format"], shown["framing"]) == (message.dialect, None)


@ALL
def test_encode_gives_the_wire_bytes_back(
    message: Golden, capsys: pytest.CaptureFixture[str]
) -> None:
    if not message.has_length:
        return
    assert run("decode", message.wire.hex(), "--json", "--unmasked") == 0
    assert run("encode", capsys.readouterr().out) == 0
    assert capsys.readouterr().out.strip() == message.wire.hex().upper()


@ALL
def test_nothing_secret_is_shown_unasked(
    message: Golden, capsys: pytest.CaptureFixture[str]
) -> None:
    run("decode", message.wire.hex())
    run("decode", message.wire.hex(), "--json")
    shown = capsys.readouterr().out
    for number in (2, 14, 35, 52, 64):
        value = message.fields.get(number)
        if value is not None and len(value) > 4:
            assert value not in shown


def test_unmasked_is_said_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    run("decode", golden(SALE).wire.hex(), "--unmasked")
    shown = capsys.readouterr()
    assert golden(SALE).fields[35] in shown.out
    assert "secret" in shown.err


def test_fault_is_told_with_its_place_and_ends_with_8(capsys: pytest.CaptureFixture[str]) -> None:
    wire = golden(SALE).wire
    broken = wire[:37] + b"\xaa" + wire[38:]
    assert run("decode", broken.hex(), "--json") == 8
    error = json.loads(capsys.readouterr().out)["error"]
    assert error == {"field": 4, "sub": None, "offset": 37, "reason": "not digits"}


def test_fault_inside_chip_data_names_the_tag(capsys: pytest.CaptureFixture[str]) -> None:
    wire = golden(SALE).wire
    at = wire.index(bytes.fromhex("9F4104"))
    broken = wire[: at + 2] + b"\x05" + wire[at + 3 :]
    assert run("decode", broken.hex(), "--format", "cup-bcd", "--json") == 8
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["field"], error["sub"], error["offset"]) == (55, "9F41", at + 3)


def test_table_shows_fields_parts_and_the_next_dialect(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("decode", golden(SALE).wire.hex()) == 0
    shown = capsys.readouterr().out
    for words in ("format cup-bcd", "framing tpdu-header", "60.2_batch", "9F26", "next   "):
        assert words in shown


def test_two_messages_in_one_input_give_two_objects(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("decode", stream("edge-two-messages-one-segment").hex(), "--json") == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["mti"] for one in shown] == ["0820", "0200"]


def test_length_that_announces_too_much_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("decode", stream("edge-length-too-long").hex(), "--json") == 8
    shown = json.loads(capsys.readouterr().out)
    assert shown["format"] == "cup-bcd"
    assert shown["fields"]["11"] == "000120"
    assert "announces 158 bytes" in shown["error"]["reason"]


def test_input_may_be_a_file_of_hex_of_a_dump_or_of_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = golden(SALE).wire
    rows = [wire[i : i + 16] for i in range(0, len(wire), 16)]
    dump = "\n".join(f"{16 * i:04x}: {row.hex(' ', 2)}" for i, row in enumerate(rows))
    for name, data in (("a", wire.hex().encode()), ("b", dump.encode()), ("c", wire)):
        (tmp_path / name).write_bytes(data)
        assert run("decode", str(tmp_path / name), "--json") == 0
        assert json.loads(capsys.readouterr().out)["fields"]["11"] == "000121"


def test_input_may_come_through_a_pipe() -> None:
    wire = golden(SALE).wire
    for data in (wire.hex().encode(), wire):
        words = [sys.executable, "-m", "pointsman", "decode", "--json"]
        done = subprocess.run(words, input=data, capture_output=True, check=True)
        assert json.loads(done.stdout)["fields"]["11"] == "000121"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["decode", "no such file"], 2),
        (["decode", "0800", "--format", "cup-bdc"], 3),
        (["decode", "0800", "--framing", "len3"], 3),
        (["encode", "{}"], 2),
        (["encode", "[]"], 2),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "fields": {"3": "00000x"}}'], 8),
        (["encode", '{"format": "cup-bcd", "mti": "08", "fields": {}}'], 8),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "fields": {"x": "0"}}'], 2),
        (["spec", "lint", "cup-bdc"], 8),
        (["spec", "compile", "cup-bcd", "--bitmap", "80"], 2),
        (["spec", "compile", "cup-bcd", "--bitmap", "4000000000000001"], 0),
        (["spec", "compile", "cup-bcd", "--bitmap", "4100000000000001"], 8),
        (["spec", "list"], 0),
    ],
)
def test_commands_end_as_documented(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == code
    assert "Traceback" not in capsys.readouterr().err


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
