"""What of a MAC stands on the wire, for every method."""

import pytest

from pointsman.hsm.commands import MacMethod
from pointsman.hsm.macform import FORMS, agrees, maker, on_wire
from pointsman.hsm.policy import Operation
from pointsman.hsm.primitives import Algorithm
from tests.hsm.laboratory import MAK, ZAK

KEYS = {
    MacMethod.CUP_ECB: (Algorithm.DES, MAK),
    MacMethod.CUP_ECB_SM4: (Algorithm.SM4, ZAK),
    MacMethod.CUP_ECB_SM4_RAW: (Algorithm.SM4, ZAK),
    MacMethod.X9_9: (Algorithm.DES, MAK),
    MacMethod.X9_9_SHORT: (Algorithm.DES, MAK),
    MacMethod.X9_19: (Algorithm.TDES, ZAK),
    MacMethod.X9_19_SHORT: (Algorithm.TDES, ZAK),
    MacMethod.CMAC: (Algorithm.AES, ZAK),
    MacMethod.CBC_SM4: (Algorithm.SM4, ZAK),
}


@pytest.mark.parametrize("method", MacMethod)
def test_every_method_stands_in_eight_bytes_and_verifies(method: MacMethod) -> None:
    ready = maker(FORMS[method].operation, *KEYS[method])
    made = on_wire(method, ready, b"data")
    assert len(made) == 8
    assert agrees(method, ready, b"data", made)
    assert not agrees(method, ready, b"date", made)
    for wrong in (b"", made[:4], made[:7], made + b"\0", bytes(8)):
        assert not agrees(method, ready, b"data", wrong)


@pytest.mark.parametrize("method", MacMethod)
def test_sixteen_hex_characters_stand_for_raw_bytes_alone(method: MacMethod) -> None:
    ready = maker(FORMS[method].operation, *KEYS[method])
    hexed = on_wire(method, ready, b"data").hex().encode()
    text = method in (MacMethod.CUP_ECB, MacMethod.CUP_ECB_SM4)
    assert agrees(method, ready, b"data", hexed) is not text
    assert agrees(method, ready, b"data", hexed.upper()) is not text
    assert FORMS[method].text is text


def test_short_methods_keep_four_bytes() -> None:
    for short, full in (
        (MacMethod.X9_9_SHORT, MacMethod.X9_9),
        (MacMethod.X9_19_SHORT, MacMethod.X9_19),
    ):
        ready = maker(FORMS[full].operation, *KEYS[full])
        assert on_wire(short, ready, b"data") == on_wire(full, ready, b"data")[:4] + bytes(4)


def test_sm4_shows_hex_or_raw_bytes_of_the_same_result() -> None:
    ready = maker(Operation.MAC_CUP, Algorithm.SM4, ZAK)
    raw = on_wire(MacMethod.CUP_ECB_SM4_RAW, ready, b"data")
    assert on_wire(MacMethod.CUP_ECB_SM4, ready, b"data") == raw[:4].hex().upper().encode()


def test_only_mac_operations_have_makers() -> None:
    with pytest.raises(ValueError, match="MAC operation"):
        maker(Operation.PIN_IN, Algorithm.TDES, ZAK)
