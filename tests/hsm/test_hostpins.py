"""The PIN commands of the front: which formats move, and what closes a key."""

import json

import pytest

from pointsman.hsm.faults import FaultLimit
from pointsman.hsm.hostcommands import COMMANDS, SWITCH_COMMANDS, Front
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.lmkvariant import VariantLmk
from pointsman.hsm.pinblock import PinFormat, pan_side, read_pin
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor
from tests.hsm.laboratory import VECTORS, ZPK

FILE = json.loads((VECTORS / "hsm_host_messages.json").read_text())
PAIRS = FILE["parameters"]["test_lmk_pairs_hex"]
VARIANT = VariantLmk({name: bytes.fromhex(pair) for name, pair in PAIRS.items()})
STRICT = Front(HostKeys(bytes, variant=VARIANT), frozenset(COMMANDS))


def test_a_thousand_bad_blocks_close_the_key() -> None:
    limit = FaultLimit(faults_max=3)
    front = Front(HostKeys(bytes, variant=VARIANT), SWITCH_COMMANDS, faults=limit)
    good = FILE["cases"][0]["in"]["request"].encode()
    bad = good.replace(b"6428EB94035AF53B", b"0" * 16)
    for _ in range(3):
        assert front.answer(bad) == b"CB20"
    assert front.answer(good) == b"CB17"


@pytest.mark.parametrize("formats", [b"0105", b"0147", b"4701", b"4705", b"0501", b"0505"])
def test_only_bound_formats_are_moved(formats: bytes) -> None:
    good = FILE["cases"][0]["in"]["request"].encode()
    answer = STRICT.answer(good.replace(b"53B0101", b"53B" + formats))
    allowed = formats in (b"0147", b"4701")
    assert (answer[2:] != b"23") == allowed


@pytest.mark.parametrize(
    ("pin", "answer"),
    [
        ("123", b"20"),
        ("1234", b"00"),
        ("123456789012", b"00"),
        ("1234567890123", b"20"),
        ("12A4", b"20"),
    ],
)
def test_old_diebold_blocks_hold_four_to_twelve_digits(pin: str, answer: bytes) -> None:
    keys = HostKeys(bytes, variant=VARIANT, legacy=True)
    zpk = VARIANT.seal("001", "U", ZPK)
    block = encryptor(Algorithm.TDES, ZPK)(bytes.fromhex(pin.ljust(16, "F"))).hex().upper()
    message = f"CC{zpk}{zpk}12{block}0301550000025321".encode()
    told = Front(keys, frozenset(COMMANDS)).answer(message)
    assert told[2:4] == answer
    if answer == b"00":
        moved = decryptor(Algorithm.TDES, ZPK)(bytes.fromhex(told[6:22].decode()))
        field = int.from_bytes(moved) ^ pan_side(PinFormat.ISO_0, "5500000253210")
        assert read_pin(PinFormat.ISO_0, field) == pin
        assert told[4:6] == f"{len(pin):02d}".encode()


@pytest.mark.parametrize("tail", [b"", b"%00", b"%00\x19tail"])
def test_a_derived_key_s_number_ends_where_the_block_begins(tail: bytes) -> None:
    case = next(case for case in FILE["cases"] if case["name"].startswith("G0"))
    told = STRICT.answer(case["in"]["request"].encode() + tail)
    assert told == case["out"]["response"].encode()
