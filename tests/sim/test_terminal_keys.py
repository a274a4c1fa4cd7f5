"""Working keys out of sign-in answers, with the published vectors."""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.sim.terminal_keys import KeysRefusedError, MacMethod, unwrap
from tests.codecs.golden import golden

TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
FIELD_62 = bytes.fromhex(golden("cup-signin-resp-004").fields[62])


def test_the_golden_sign_in_gives_the_golden_keys() -> None:
    keys = unwrap(TMK, "004", FIELD_62)
    assert keys.pik == bytes.fromhex("526B76025B1A076DCEC16D51E932B507")
    assert keys.mak == bytes.fromhex("40026EB9BF15941A")


def test_layout_003_is_the_first_forty_bytes() -> None:
    assert unwrap(TMK, "003", FIELD_62[:40]).mak == unwrap(TMK, "004", FIELD_62).mak


def test_keys_with_another_check_value_are_refused() -> None:
    for place in (16, 36):
        spoiled = bytearray(FIELD_62)
        spoiled[place] ^= 1
        with pytest.raises(KeysRefusedError, match="check value"):
            unwrap(TMK, "004", bytes(spoiled))


def test_a_field_of_another_size_is_refused() -> None:
    with pytest.raises(KeysRefusedError, match="size"):
        unwrap(TMK, "003", FIELD_62)


def test_the_golden_mac_is_made_and_verified() -> None:
    keys = unwrap(TMK, "004", FIELD_62)
    message = get_codec("cup-bcd").decode(golden("cup-sale-swipe-pin-resp").body)
    assert keys.verifies(MacMethod.CUP_ECB, message)
    assert not keys.verifies(MacMethod.X9_9, message)


def test_the_golden_pin_block_is_made() -> None:
    keys = unwrap(TMK, "004", FIELD_62)
    assert keys.pin_block("123456", "6226388000000095") == "423086900F5D138D"
