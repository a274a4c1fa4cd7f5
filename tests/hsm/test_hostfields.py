"""Reading fields of host commands: what does not fit ends with its number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.hostfields import Fields, HostError, response_code, right_or_wrong
from pointsman.hsm.lmkvariant import SIZES, KeyField

schemes = st.sampled_from(sorted(SIZES))


@given(schemes, st.data())
def test_key_field_survives(scheme: str, data: st.DataObject) -> None:
    size = SIZES[scheme] * 2
    text = data.draw(st.text("0123456789ABCDEF", min_size=size, max_size=size))
    key = KeyField(scheme, text)
    fields = Fields(str(key).encode() + b"rest")
    assert fields.key() == key
    assert fields.text(4) == "rest"
    fields.end()
    assert text not in repr(key)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_key_or_an_error(data: bytes) -> None:
    try:
        key = Fields(data).key()
    except HostError as error:
        assert error.code == "15"  # noqa: PT017  (both ways are right)
    else:
        assert data.upper().startswith(str(key).encode())


def test_block_tells_its_own_length() -> None:
    fields = Fields(b"SD0010xxxxx12")
    assert str(fields.key()) == "SD0010xxxxx"
    assert fields.digits(2) == "12"
    for bad in (b"S", b"SD00x0xxxx", b"SD0011xxxx"):
        with pytest.raises(HostError, match="15"):
            Fields(bad).key()


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"12", lambda fields: fields.digits(3)),
        (b"1x", lambda fields: fields.digits(2)),
        (b"1\xb2", lambda fields: fields.digits(2)),
        (b"0G", lambda fields: fields.hexed(2)),
        (b"a\n", lambda fields: fields.text(2)),
        (b"a\xff", lambda fields: fields.text(2)),
        (b"123", lambda fields: fields.until(";", 19)),
        (b"12345;", lambda fields: fields.until(";", 4)),
        (b"ab", lambda fields: fields.raw(-1)),
        (b"x", lambda fields: fields.end()),
        (b"%1", lambda fields: fields.end()),
        (b"\x19" + b"t" * 33, lambda fields: fields.end()),
    ],
)
def test_field_that_does_not_fit_is_wrong_input(data: bytes, read: object) -> None:
    assert callable(read)
    with pytest.raises(HostError) as caught:
        read(Fields(data))
    assert caught.value.code == "15"


def test_trailer_and_lmk_id_are_taken() -> None:
    for tail in (b"", b"%00", b"\x19", b"\x19" + b"t" * 32, b"%01\x19abc"):
        Fields(tail).end()


def test_codes_of_answers() -> None:
    assert [response_code(code) for code in ("NC", "CY", "M6", "A0")] == ["ND", "CZ", "M7", "A1"]
    assert (right_or_wrong(True), right_or_wrong(False)) == (b"00", b"01")


@given(st.integers(0, 255))
def test_hex_is_what_stands_in_sixteen_letters_of_either_case(byte: int) -> None:
    right = chr(byte) in "0123456789abcdefABCDEF"
    one, many = bytes((byte,)), bytes((byte,)) * 16
    for read in (lambda: Fields(one).hexed(1), lambda: Fields(many).key()):
        try:
            assert read()
        except HostError:
            assert not right
        else:
            assert right
