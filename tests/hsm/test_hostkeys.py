"""The key commands of the front, with our own blocks and with the published variant LMK."""

import json

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.hostcommands import COMMANDS, Front
from pointsman.hsm.hostfields import Fields
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.keys import kcv, odd_parity
from pointsman.hsm.lmkvariant import VariantLmk, under
from tests.hsm.laboratory import TMK, VECTORS, ZMK, ZPK, Laboratory

PAIRS = json.loads((VECTORS / "hsm_host_messages.json").read_text())["parameters"]
VARIANT = VariantLmk({n: bytes.fromhex(p) for n, p in PAIRS["test_lmk_pairs_hex"].items()})


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def ask(lab: Laboratory, message: bytes) -> bytes:
    """Ask a front that knows both our blocks and variant keys, everything allowed."""
    keys = HostKeys(lab.engine.world.random, lab.engine.keys, VARIANT, lmk_kcv="ABCDEF")
    return Front(keys, frozenset(COMMANDS)).answer(message)


def sealed(key_type: str, clear: bytes) -> bytes:
    return str(VARIANT.seal(key_type, "U", clear)).encode()


def test_generated_key_has_its_check_value_and_its_kind(lab: Laboratory) -> None:
    answer = ask(lab, b"A00001U")
    key = Fields(answer[4:]).key()
    clear = VARIANT.open("001", key)
    assert answer[:4] == b"A100"
    assert answer[-6:].decode() == kcv(clear)[:3].hex().upper()
    assert odd_parity(clear) == clear
    block = ask(lab, b"A00001S")[5:-6]
    life, opened = lab.engine.keys.open(block)
    assert life.kind.name == "ZPK"
    assert len(opened.key) == 16


def test_generated_key_comes_under_the_master_key_too(lab: Laboratory) -> None:
    for flag, key_type in ((b";0", "000"), (b";1", "002"), (b"", "000")):
        answer = ask(lab, b"A01003U" + flag + sealed(key_type, ZMK) + b"X")
        fields = Fields(answer[4:])
        clear = VARIANT.open("003", fields.key())
        wrapped = fields.key()
        assert under(ZMK, "X", bytes.fromhex(wrapped.text), wrap=False) == clear
        assert fields.hexed(6) == kcv(clear)[:3].hex().upper()


def test_import_mends_parity_and_says_so(lab: Laboratory) -> None:
    even = bytes(byte ^ 1 for byte in ZPK)
    zmk = sealed("000", ZMK)
    for clear, code in ((ZPK, b"00"), (even, b"01")):
        wrapped = under(ZMK, "X", clear, wrap=True).hex().upper().encode()
        answer = ask(lab, b"A6001" + zmk + b"X" + wrapped + b"U")
        assert answer[:4] == b"A7" + code
        assert VARIANT.open("001", Fields(answer[4:]).key()) == ZPK
        answer = ask(lab, b"FA" + zmk + b"X" + wrapped)
        assert answer[:4] == b"FB" + code
        assert answer[-16:].decode() == kcv(ZPK).hex().upper()
    zeros = under(ZMK, "X", bytes(16), wrap=True).hex().upper().encode()
    assert ask(lab, b"A6001" + zmk + b"X" + zeros + b"U") == b"A711"


def test_export_gives_back_what_was_imported(lab: Laboratory) -> None:
    answer = ask(lab, b"A8001" + sealed("000", ZMK) + sealed("001", ZPK) + b"X")
    assert answer[:4] == b"A900"
    wrapped = Fields(answer[4:]).key()
    assert under(ZMK, "X", bytes.fromhex(wrapped.text), wrap=False) == ZPK
    for key_type in ("000", "109", "402"):
        asked = b"A8" + key_type.encode() + sealed("000", ZMK) + sealed(key_type, ZPK) + b"X"
        assert ask(lab, asked) == b"A917"


def test_new_terminal_key_comes_under_the_old_one(lab: Laboratory) -> None:
    for tail in (b"", b";XU1"):
        answer = ask(lab, b"HC" + sealed("002", TMK) + tail)
        fields = Fields(answer[4:])
        wrapped, key = fields.key(), fields.key()
        assert under(TMK, wrapped.scheme, bytes.fromhex(wrapped.text), wrap=False) == VARIANT.open(
            "002", key
        )


def test_export_takes_a_block_of_ours_for_what_it_is(lab: Laboratory) -> None:
    zmk, zpk = b"S" + lab.key("ZMK", ZMK), lab.key("ZPK", ZPK)
    asked = b"A8001" + zmk + b"S" + zpk + b"X"
    wrapped = Fields(ask(lab, asked)[4:]).key()
    assert under(ZMK, "X", bytes.fromhex(wrapped.text), wrap=False) == ZPK
    for kind in ("TMK", "ZMK", "TPK", "CVK", "ZPK_IN"):
        other = b"A8001" + zmk + b"S" + lab.key(kind, ZPK) + b"X"
        assert ask(lab, other) == b"A928", kind
    gone = lab.ask(c.SetState(zpk, "destroyed"))
    assert isinstance(gone, c.KeyMade)
    assert ask(lab, b"A8001" + zmk + b"S" + gone.block + b"X") == b"A928"
    assert ask(lab, b"A8001" + zmk + b"S" + zpk[:-1] + b"?" + b"X") == b"A9A4"


def test_check_values_are_long_or_short(lab: Laboratory) -> None:
    key = sealed("001", ZPK)
    full = kcv(ZPK).hex().upper().encode()
    assert ask(lab, b"BU011" + key) == b"BV00" + full
    assert ask(lab, b"BUFF1" + key + b";001;001") == b"BV00" + full[:6]
    assert ask(lab, b"BU011" + key + b";001") == b"BV00" + full[:6]
    assert ask(lab, b"BU011" + key + b";000") == b"BV00" + full
    assert ask(lab, b"BU011" + key + b";011") == b"BV15"
    block = lab.key("ZPK", ZPK)
    assert ask(lab, b"BUFFFS" + block) == b"BV00" + full
    assert ask(lab, b"BUFFFS" + block[:-1] + b"?") == b"BVA4"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"A02001U", b"15"),
        (b"A00001Q", b"26"),
        (b"A00777U", b"28"),
        (b"A00777S", b"28"),
        (b"A00001Z" + b"x", b"15"),
        (b"BU011" + b"U" + b"0" * 32, b"10"),
        (b"BU0G1", b"15"),
    ],
)
def test_faults_have_their_numbers(lab: Laboratory, message: bytes, code: bytes) -> None:
    assert ask(lab, message)[2:] == code


def test_our_own_blocks_keep_their_one_use(lab: Laboratory) -> None:
    zmk, tmk = b"S" + lab.key("ZMK", ZMK), b"S" + lab.key("TMK", TMK)
    wrapped = under(ZMK, "X", ZPK, wrap=True).hex().upper().encode()
    answer = ask(lab, b"A6001" + zmk + b"X" + wrapped + b"S")
    assert answer[:4] == b"A700"
    assert ask(lab, b"A6001" + tmk + b"X" + wrapped + b"S") == b"A728"
    assert ask(lab, b"A6001" + tmk + tmk + b"S") == b"A728"
    assert ask(lab, b"A6001" + zmk + tmk + b"S") == b"A726"
