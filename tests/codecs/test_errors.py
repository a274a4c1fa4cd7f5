"""Errors carry places as attributes, and their texts nothing of the input."""

from pointsman.codecs.errors import DecodeError, EncodeError, FrameError, SpecError


def test_decode_error_tells_field_sub_field_and_byte() -> None:
    error = DecodeError("not digits", offset=20, field=55, sub="9F02", mti="0200", decoded={2: "4"})
    assert str(error) == "field 55 (9F02) at byte 20: not digits"
    assert (error.field, error.sub, error.offset, error.mti) == (55, "9F02", 20, "0200")
    assert dict(error.decoded) == {2: "4"}
    assert error.args == (str(error),)
    assert str(DecodeError("too short")) == "message at byte 0: too short"


def test_frame_error_is_a_decode_error_with_frames() -> None:
    error = FrameError("length is zero", (b"whole",))
    assert isinstance(error, DecodeError)
    assert error.frames == (b"whole",)
    assert "whole" not in str(error)


def test_encode_and_spec_errors_tell_their_place() -> None:
    assert str(EncodeError("not digits", field=4)) == "field 4: not digits"
    assert str(EncodeError("no part", field=60, sub="60.1")) == "field 60 (60.1): no part"
    assert str(EncodeError("not four digits")) == "message: not four digits"
    error = SpecError("size is wrong", path="mine.toml", line=7)
    assert str(error) == "mine.toml:7: size is wrong"
    assert (error.path, error.line, error.reason) == ("mine.toml", 7, "size is wrong")
