"""``pointsman encode``: what decode printed becomes the same bytes again."""

import json

import pytest

from pointsman.cli import main
from tests.codecs.golden import Golden, golden_messages

ALL = pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)


def run(*words: str) -> int:
    return main(list(words))


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
def test_private_fields_may_be_given_by_their_parts(
    message: Golden, capsys: pytest.CaptureFixture[str]
) -> None:
    if not message.has_length:
        return
    assert run("decode", message.wire.hex(), "--json", "--unmasked") == 0
    shown = json.loads(capsys.readouterr().out)
    for number, parts in shown["sub"].items():
        if parts and "" not in parts.values():  # an empty part is a template of chip data
            del shown["fields"][number]
    assert run("encode", json.dumps(shown)) == 0
    assert capsys.readouterr().out.strip() == message.wire.hex().upper()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["encode", "{}"], 2),
        (["encode", "[]"], 2),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "fields": {"3": "00000x"}}'], 8),
        (["encode", '{"format": "cup-bcd", "mti": "08", "fields": {}}'], 8),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "fields": {"x": "0"}}'], 2),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "sub": {"60": "22"}}'], 2),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "mti": "0820", "fields": {}}'], 2),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "fields": {"11": "1", "011": "2"}}'], 2),
        (["encode", '{"format": "cup-bcd", "mti": "0800", "sub": {"60": {"x": "22"}}}'], 8),
    ],
)
def test_it_ends_as_documented(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == code
    assert "Traceback" not in capsys.readouterr().err


def test_what_stands_twice_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    given = '{"format": "cup-bcd", "mti": "0200", "fields": {"4": "000000000100", "4": "1"}}'
    assert run("encode", given) == 2
    assert "member '4' stands twice" in capsys.readouterr().err
