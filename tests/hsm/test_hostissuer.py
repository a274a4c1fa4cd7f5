"""The issuer's commands of the front: right, wrong, and what is no command at all."""

import json

import pytest

from pointsman.hsm.hostcommands import COMMANDS, Front
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.lmkvariant import KeyField, VariantLmk
from tests.hsm.laboratory import VECTORS

FILE = json.loads((VECTORS / "hsm_host_messages.json").read_text())
PAIRS = FILE["parameters"]["test_lmk_pairs_hex"]
VARIANT = VariantLmk({name: bytes.fromhex(pair) for name, pair in PAIRS.items()})
FRONT = Front(HostKeys(bytes, variant=VARIANT), frozenset(COMMANDS))
CASES = {case["name"]: case["in"] for case in FILE["cases"]}


def request(name: str) -> bytes:
    case = CASES[name]
    return bytes.fromhex(case["request_hex"]) if "request_hex" in case else case["request"].encode()


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("DA-ok-a", b"U7E", b"U7E", b"00"),
        ("DA-ok-a", b"5A12", b"5A11", b"15"),
        ("DA-ok-a", b"0106", b"0103", b"01"),
        ("DA-ok-a", b"0106", b"0107", b"01"),
        ("DA-ok-a", b"0106", b"0206", b"23"),
        ("DA-ok-a", b"255917FFFFFF", b"255918FFFFFF", b"01"),
        ("DA-ok-a", b"DAD261970FEE1766", b"0000000000000000", b"20"),
        ("EC-ok", b"14402", b"14403", b"01"),
        ("EC-ok", b"14402", b"14402x", b"15"),
        ("CY-ok", b"8701101", b"8701102", b"01"),
        ("CY-ok", b";", b"x", b"15"),
        ("CW", b"4123456789012345", b"41234567890123456789", b"15"),
    ],
)
def test_answers_have_their_numbers(name: str, old: bytes, new: bytes, code: bytes) -> None:
    asked = request(name).replace(old, new)
    assert FRONT.answer(asked)[2:4] == code


@pytest.mark.parametrize(("at", "value", "code"), [(2, b"3", b"03"), (3, b"2", b"04")])
def test_kq_knows_three_modes_and_two_schemes(at: int, value: bytes, code: bytes) -> None:
    asked = request("KQ-mode1")
    assert FRONT.answer(asked[:at] + value + asked[at + 1 :])[2:] == code


def test_kq_makes_the_arpc_alone_in_mode_2() -> None:
    whole = request("KQ-mode1")
    key_end = 4 + 33
    fixed, rest = whole[key_end : key_end + 14], whole[key_end + 14 :]
    size = int(rest[:2], 16)
    arqc_and_arc = rest[2 + size + 1 :]
    alone = b"KQ20" + whole[4:key_end] + fixed + arqc_and_arc
    assert FRONT.answer(alone) == FRONT.answer(whole)
    assert FRONT.answer(alone)[:4] == b"KR00"
    assert FRONT.answer(whole.replace(b";", b":"))[2:] == b"15"


@pytest.mark.parametrize(("name", "scheme"), [("CW", b"U"), ("CY-ok", b"U"), ("EC-ok", b"X")])
def test_keys_that_are_always_pairs_are_known_without_a_letter(name: str, scheme: bytes) -> None:
    """Older hosts write 32 characters, plain ECB; with the letter U the halves have variants."""
    asked = request(name)
    at = asked.rindex(scheme)
    plain = KeyField("X", asked[at + 1 : at + 33].decode())
    if scheme == b"U":
        clear = VARIANT.open("402", KeyField("U", plain.text))
        plain = VARIANT.seal("402", "X", clear)
    bare = asked[:at] + plain.text.encode() + asked[at + 33 :]
    assert FRONT.answer(bare) == FRONT.answer(asked)
    assert FRONT.answer(bare)[2:4] == b"00"
