"""PIN blocks: every format gives back its PIN, every fault is one error, fill is right."""

from secrets import token_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.pinblock import (
    BLOCK_SIZE,
    CONTROL,
    PinBlockError,
    PinFormat,
    PinSide,
    check_head,
    decipher,
    encipher,
    encode,
    fill_nibbles,
    pan_side,
    plain_field,
    read_pin,
    translate,
)
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor

CIPHER = {8: Algorithm.TDES, 16: Algorithm.AES}
ONE, TWO = bytes(range(16)), bytes(range(16, 32))
pins = st.text("0123456789", min_size=4, max_size=12)
short_pins = st.text("0123456789", min_size=4, max_size=9)
pans = st.text("0123456789", min_size=13, max_size=19)
bound = st.sampled_from([PinFormat.ISO_0, PinFormat.ISO_3, PinFormat.ISO_4])


def side(kind: PinFormat, key: bytes, *, out: bool) -> PinSide:
    algorithm = Algorithm.SM4 if kind is PinFormat.SM4 else CIPHER[BLOCK_SIZE[kind]]
    return PinSide(kind, (encryptor if out else decryptor)(algorithm, key))


def block_of(kind: PinFormat, pin: str, pan: str, key: bytes = ONE) -> bytes:
    field = plain_field(kind, pin, fill_nibbles(kind, token_bytes))
    return encipher(kind, field, pan, side(kind, key, out=True).cipher)


@given(bound, bound, pins, pans)
def test_translated_pin_is_the_same_pin(
    source: PinFormat, target: PinFormat, pin: str, pan: str
) -> None:
    sides = side(source, ONE, out=False), side(target, TWO, out=True)
    moved = translate(*sides, block_of(source, pin, pan), pan, token_bytes)
    field = decipher(target, moved, pan, side(target, TWO, out=False).cipher)
    assert read_pin(target, field) == pin


@given(short_pins, pans)
def test_sm4_block_moves_to_sm4(pin: str, pan: str) -> None:
    sides = side(PinFormat.SM4, ONE, out=False), side(PinFormat.SM4, TWO, out=True)
    moved = translate(*sides, block_of(PinFormat.SM4, pin, pan), pan, token_bytes)
    field = decipher(PinFormat.SM4, moved, pan, side(PinFormat.SM4, TWO, out=False).cipher)
    assert read_pin(PinFormat.SM4, field) == pin


@given(st.sampled_from([PinFormat.ISO_1, PinFormat.ISO_2, PinFormat.ISO_0_NO_ACCOUNT]), pins)
def test_formats_without_a_pan_hold_their_pin(kind: PinFormat, pin: str) -> None:
    field = decipher(kind, block_of(kind, pin, ""), "", side(kind, ONE, out=False).cipher)
    assert read_pin(kind, field) == pin


@given(bound, st.binary(min_size=16, max_size=16))
def test_random_blocks_give_a_pin_or_the_one_error(kind: PinFormat, data: bytes) -> None:
    block = data[: BLOCK_SIZE[kind]]
    field = decipher(kind, block, "6216261000000000018", side(kind, ONE, out=False).cipher)
    try:
        found = read_pin(kind, field)
    except PinBlockError as fault:
        found = ""
        told = (str(fault), fault.detail in {"control", "length", "digit", "fill"})
    else:
        told = ("PIN block invalid", found.isdigit())
    assert told == ("PIN block invalid", True)


@pytest.mark.parametrize("kind", [PinFormat.ISO_0, PinFormat.ISO_3])
def test_same_format_does_not_look_at_the_digits(kind: PinFormat) -> None:
    pan = "6216261000000000018"
    field = int("34ABCDEFABCDEFAB" if kind is PinFormat.ISO_3 else "04ABCDEFABCDEFAB", 16)
    block = encipher(kind, field, pan, side(kind, ONE, out=True).cipher)
    moved = translate(
        side(kind, ONE, out=False), side(kind, TWO, out=True), block, pan, token_bytes
    )
    assert decipher(kind, moved, pan, side(kind, TWO, out=False).cipher) == field
    other = PinFormat.ISO_3 if kind is PinFormat.ISO_0 else PinFormat.ISO_0
    sides = side(kind, ONE, out=False), side(other, TWO, out=True)
    with pytest.raises(PinBlockError):
        translate(*sides, block, pan, token_bytes)


@pytest.mark.parametrize("kind", [kind for kind in PinFormat if kind is not PinFormat.ISO_2])
def test_every_first_byte_that_is_no_head_is_refused(kind: PinFormat) -> None:
    pan, size = "6216261000000000018", BLOCK_SIZE[kind]
    sides = side(kind, ONE, out=False), side(kind, TWO, out=True)
    for first in range(256):
        field = int.from_bytes(bytes((first,)) + b"\x12" * (size - 1))
        block = encipher(kind, field, pan, side(kind, ONE, out=True).cipher)
        longest = 9 if kind is PinFormat.SM4 else 12
        if first >> 4 == CONTROL[kind] and 4 <= first & 15 <= longest:
            moved = translate(*sides, block, pan, token_bytes)
            assert decipher(kind, moved, pan, side(kind, TWO, out=False).cipher) == field
        else:
            with pytest.raises(PinBlockError):
                translate(*sides, block, pan, token_bytes)


@pytest.mark.parametrize("kind", [PinFormat.ISO_0, PinFormat.ISO_3, PinFormat.ISO_4, PinFormat.SM4])
@pytest.mark.parametrize("pan", ["", "1" * 20, "62162610000x0000018", "\u0661" * 16])
def test_what_is_no_pan_moves_no_pin(kind: PinFormat, pan: str) -> None:
    sides = side(kind, ONE, out=False), side(kind, TWO, out=True)
    with pytest.raises(PinBlockError):
        translate(*sides, bytes(BLOCK_SIZE[kind]), pan, token_bytes)


@pytest.mark.parametrize(
    "pin", ["", "123", "1234567890123", "12a4", "12\u0663\u0664", " 1234", "-123"]
)
def test_what_is_no_pin_is_refused(pin: str) -> None:
    for kind in PinFormat:
        with pytest.raises(PinBlockError):
            plain_field(kind, pin, "A" * 16)


@pytest.mark.parametrize(
    "pan", ["", "1", "12345678901234567890", "62162610000x0000018", "\u0661" * 16]
)
def test_what_is_no_pan_is_refused(pan: str) -> None:
    for kind in (PinFormat.ISO_0, PinFormat.ISO_3, PinFormat.SM4):
        with pytest.raises(PinBlockError):
            pan_side(kind, pan)


def test_ten_digits_have_no_sm4_block() -> None:
    with pytest.raises(PinBlockError):
        plain_field(PinFormat.SM4, "1234567890")


def test_fill_of_format_3_has_only_letters_and_all_of_them() -> None:
    seen = set("".join(fill_nibbles(PinFormat.ISO_3, token_bytes) for _ in range(40)))
    assert seen == set("ABCDEF")
    assert len(set("".join(fill_nibbles(PinFormat.ISO_1, token_bytes) for _ in range(40)))) == 16


def test_formats_that_need_fill_say_so() -> None:
    for kind in (1, 3, 4):
        with pytest.raises(ValueError, match="fill"):
            encode(kind, "1234", "6216261000000000018")


@pytest.mark.parametrize("size", [0, 7, 9, 16])
def test_block_of_another_size_is_a_content_fault(size: int) -> None:
    with pytest.raises(PinBlockError):
        decipher(PinFormat.ISO_0, bytes(size), "6216261000000000018", bytes)
    sides = side(PinFormat.ISO_0, ONE, out=False), side(PinFormat.ISO_0, TWO, out=True)
    with pytest.raises(PinBlockError):
        translate(*sides, bytes(size), "6216261000000000018", token_bytes)


@pytest.mark.parametrize(
    ("head", "detail"), [("14", "control"), ("03", "length"), ("0D", "length")]
)
def test_head_tells_control_and_length(head: str, detail: str) -> None:
    with pytest.raises(PinBlockError) as caught:
        check_head(PinFormat.ISO_0, int(head + "1234FFFFFFFFFF", 16))
    assert caught.value.detail == detail
    assert check_head(PinFormat.ISO_0, 0x0412_34FF_FFFF_FFFF) == 4
    assert check_head(PinFormat.ISO_0, 0x0C12_3456_7890_12FF) == 12
