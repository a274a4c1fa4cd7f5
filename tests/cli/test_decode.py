"""``pointsman decode``: what it finds alone, what it hides, what it says of a fault."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pointsman.cli import main
from tests.codecs.golden import Golden, golden, golden_messages, stream

ALL = pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)
SALE = "cup-sale-chip-pin-req"


def run(*words: str) -> int:
    return main(list(words))


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
        (["decode", "no such file"], 3),
        (["decode", "0800", "--format", "cup-bdc"], 3),
        (["decode", "0800", "--framing", "len3"], 3),
    ],
)
def test_it_ends_as_documented(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == code
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text[:-1], 2),  # half a byte
        (lambda text: text[:40], 8),
        (lambda text: "x" + text, 2),  # too long for the name of a file
        (lambda text: "x" + text[60:120], 3),
        (lambda _: "", 2),
    ],
)
def test_what_cannot_be_read_is_not_repeated(
    spoil: Callable[[str], str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    word = spoil(golden(SALE).wire.hex())
    assert run("decode", word, "--json") == code
    told = capsys.readouterr().err
    assert not re.search(r"[0-9A-Fa-f]{12}", told)
    assert "Traceback" not in told
