"""The simulated issuer: PIN check values, and the table of amounts."""

from pathlib import Path

import msgspec
import pytest

from pointsman.hsm.cardvalues import pvv
from pointsman.hsm.pinblock import encode
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.sim.cards import CARDS, RIGHT_PIN, WRONG_PIN
from pointsman.sim.issuer import (
    AMOUNT_MAX_MINOR,
    PVV_KEY_INDEX,
    TEST_PVK,
    PinCheck,
    check_pin,
    verdict,
)

ZPK = bytes.fromhex("3B6E10E5E95DB68F08137A38671FC1BC")


@pytest.mark.parametrize("name", CARDS)
def test_every_card_has_the_check_value_of_the_right_pin(name: str) -> None:
    card = CARDS[name]
    assert card.pvv == pvv(TEST_PVK, card.pan, PVV_KEY_INDEX, RIGHT_PIN)


@pytest.mark.parametrize("name", CARDS)
def test_right_and_wrong_pin_are_told_apart_under_the_zone_key(name: str) -> None:
    card = CARDS[name]
    encrypt = encryptor(Algorithm.TDES, ZPK)
    for pin, result in ((RIGHT_PIN, PinCheck.RIGHT), (WRONG_PIN, PinCheck.WRONG)):
        assert check_pin(encrypt(encode(0, pin, card.pan)), card.pan, ZPK, card.pvv) is result


def test_a_block_that_holds_no_pin_is_a_wrong_pin() -> None:
    card = CARDS["visa"]
    assert check_pin(bytes(8), card.pan, ZPK, card.pvv) is PinCheck.WRONG


def test_the_pin_is_judged_before_the_card_and_the_card_before_the_amount() -> None:
    lost, good = CARDS["union-lost"], CARDS["union-16"]
    assert verdict(lost, 10051, PinCheck.WRONG) == "55"
    assert verdict(lost, 10051, PinCheck.RIGHT) == "41"
    assert verdict(good, 10051, PinCheck.RIGHT) == "51"
    assert verdict(good, 10000, PinCheck.NONE) == "00"
    assert verdict(None, 10005, PinCheck.NONE) == "05"
    assert verdict(good, AMOUNT_MAX_MINOR + 100, PinCheck.NONE) == "61"


def test_pvv_agrees_with_published_vectors() -> None:
    path = Path(__file__).parent.parent / "data" / "vectors" / "visa_pvv.json"
    for case in msgspec.json.decode(path.read_bytes())["cases"]:
        given = case["in"]
        made = pvv(bytes.fromhex(given["pvk_hex"]), given["pan"], given["pvki"], given["pin"])
        assert made == case["out"]["pvv"]


def test_cards_print_without_their_numbers() -> None:
    for card in CARDS.values():
        assert card.pan not in repr(card)
        assert card.masked.count("*") == len(card.pan) - 10
