"""MACs beyond the vectors: kept makers give the same as fresh ones, golden messages verify."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.mac import (
    CbcMac,
    Cmac,
    CupMac,
    RetailMac,
    cup_ecb_mac,
    fold,
    iso9797,
    x9_9,
    x9_19,
)
from pointsman.hsm.primitives import Algorithm
from tests.hsm.laboratory import MAK, ZAK

MESSAGES = Path(__file__).parent.parent / "data" / "messages"
GOLDEN = {
    path.stem: json.loads(path.read_text())
    for path in sorted(MESSAGES.glob("*.json"))
    if "key_hex" in ((json.loads(path.read_text()).get("crypto") or {}).get("mac") or {})
}
messages = st.lists(st.binary(max_size=70), min_size=1, max_size=6)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_message_has_the_mac_we_make(name: str) -> None:
    golden = GOLDEN[name]
    told, framing = golden["crypto"]["mac"], golden["framing"]
    key, mac = bytes.fromhex(told["key_hex"]), bytes.fromhex(told["mac_hex"])
    wire = bytes.fromhex(golden["wire_hex"])
    # Length, TPDU and header are outside of what a MAC covers; one dump came without its length.
    start = len(wire) - framing.get("length_value", len(wire))
    for part in ("tpdu", "header"):
        start += len((framing.get(part) or {}).get("hex", "")) // 2
    if told["algorithm"].startswith("CUP"):
        assert wire[-8:] == mac == cup_ecb_mac(key, wire[start:-8])
    else:
        shown = mac.hex().upper().encode()
        assert wire.endswith(shown)
        assert x9_19(key, wire[start : -len(shown)]) == mac


@given(messages)
def test_kept_makers_remember_nothing_of_the_last_message(data: list[bytes]) -> None:
    cup, cbc, retail = CupMac(Algorithm.DES, MAK), CbcMac(Algorithm.DES, MAK), RetailMac(ZAK)
    cmac, sm4 = Cmac(Algorithm.AES, ZAK), CupMac(Algorithm.SM4, ZAK)
    for each in data:
        assert cup.make(each) == cup_ecb_mac(MAK, each)
        assert cbc.make(each) == x9_9(MAK, each)
        assert retail.make(each) == x9_19(ZAK, each)
        assert cmac.make(each) == Cmac(Algorithm.AES, ZAK).make(each)
        assert sm4.make(each) == CupMac(Algorithm.SM4, ZAK).make(each)


@given(st.binary(max_size=100), st.sampled_from([8, 16]))
def test_fold_is_the_xor_of_all_blocks(data: bytes, size: int) -> None:
    expected = 0
    for at in range(0, len(data), size):
        expected ^= int.from_bytes(data[at : at + size].ljust(size, b"\0"))
    assert fold(data, size) == expected.to_bytes(size)


def test_cup_mac_does_not_see_two_blocks_change_places() -> None:
    # The reason why it needs TLS below it: said here so that nobody believes otherwise.
    assert cup_ecb_mac(MAK, b"A" * 8 + b"B" * 8) == cup_ecb_mac(MAK, b"B" * 8 + b"A" * 8)
    assert x9_19(ZAK, b"A" * 8 + b"B" * 8) != x9_19(ZAK, b"B" * 8 + b"A" * 8)


def test_equal_halves_make_the_retail_mac_a_plain_one() -> None:
    key = b"\x1c" * 8
    assert x9_19(key * 2, b"some data") == x9_9(key, b"some data")


@pytest.mark.parametrize(
    ("number", "padding", "data"),
    [(2, 1, b"x" * 8), (1, 4, b"x" * 8), (1, 0, b"x" * 7), (3, 0, b"")],
)
def test_what_the_standard_does_not_know_is_refused(number: int, padding: int, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"algorithm|padding|blocks"):
        iso9797(number, Algorithm.DES, MAK, data, padding=padding, second_key=MAK)


def test_cmac_is_not_made_with_single_des() -> None:
    with pytest.raises(ValueError, match="single DES"):
        Cmac(Algorithm.DES, MAK)
