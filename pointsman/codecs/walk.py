"""The careful walk: a message by its dialect, one field after the other, both ways.

This is the meaning of a dialect. It is slow and says exactly what is wrong where; compiled code
(generate.py) must accept the same messages with the same values, and hands every message it
doubts to this file. Offsets only grow, and every length is checked against what is there.
"""

from binascii import unhexlify
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pointsman.codecs.bitmap import BITMAP_SIZE, read_bitmap, write_bitmap
from pointsman.codecs.content import (
    PAGES,
    ContentError,
    is_digits,
    read_content,
    read_count,
    write_content,
    write_count,
)
from pointsman.codecs.errors import DecodeError, EncodeError
from pointsman.codecs.spec import Coding, Field, Spec

MTI_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a message: its type, its bitmap bytes, and where the fields begin."""

    mti: str
    bits: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Walked:
    """What the walk found; ``spans`` are the places of contents, without prefixes."""

    mti: str
    bitmap: bytes
    values: dict[int, str]
    spans: dict[int, tuple[int, int]]

    def __repr__(self) -> str:
        return f"Walked(mti={self.mti}, fields={sorted(self.values)})"


def walk_decode(spec: Spec, body: bytes) -> Walked:
    """Decode every field of ``body``; raises DecodeError with what was read before the fault."""
    head = read_head(spec, body)
    mti, bits, offset = head.mti, head.bits, head.end
    values: dict[int, str] = {}
    spans: dict[int, tuple[int, int]] = {}
    for number in read_bitmap(bits):
        field = spec.fields.get(number)
        if field is None:
            reason = f"dialect {spec.name} has no such field"
            raise DecodeError(reason, field=number, offset=offset, mti=mti, decoded=values)
        try:
            units, start, end = _read_place(field, body, offset)
            value = _read_value(field, body, start, end, units)
        except _FieldFault as fault:
            raise DecodeError(
                fault.reason, field=number, offset=fault.offset, mti=mti, decoded=values
            ) from None
        values[number] = value
        spans[number] = (start, end)
        offset = end
    if offset != len(body):
        reason = f"{len(body) - offset} bytes after the last field"
        raise DecodeError(reason, offset=offset, mti=mti, decoded=values)
    return Walked(mti, bits, values, spans)


def walk_peek(spec: Spec, body: bytes, wanted: Collection[int]) -> tuple[Head, dict[int, str]]:
    """Decode the ``wanted`` fields that are present; what is behind the last is not looked at.

    Of the fields between only the lengths are read; raises DecodeError.
    """
    head = read_head(spec, body)
    offset = head.end
    values: dict[int, str] = {}
    numbers = read_bitmap(head.bits)
    last = max((n for n in numbers if n in wanted), default=0)
    for number in numbers:
        if number > last:
            break
        field = spec.fields.get(number)
        if field is None:
            reason = f"dialect {spec.name} has no such field"
            raise DecodeError(reason, field=number, offset=offset, mti=head.mti, decoded=values)
        try:
            units, start, end = _read_place(field, body, offset)
            if number in wanted:
                values[number] = _read_value(field, body, start, end, units)
        except _FieldFault as fault:
            raise DecodeError(
                fault.reason, field=number, offset=fault.offset, mti=head.mti, decoded=values
            ) from None
        offset = end
    return head, values


def read_head(spec: Spec, body: bytes) -> Head:
    """Return message type and bitmap; raises DecodeError."""
    mti = _read_mti(spec, body)
    offset = spec.mti_size
    bits = _read_bits(spec, body, offset, mti)
    offset += spec.bitmap_size
    if bits[0] & 0x80:
        bits += _read_bits(spec, body, offset, mti)
        offset += spec.bitmap_size
    return Head(mti, bits, offset)


def walk_encode(
    spec: Spec, mti: str, fields: Mapping[int, str]
) -> tuple[bytes, dict[int, tuple[int, int]]]:
    """Return the message and the place of each field's content; raises EncodeError."""
    parts = [write_head(spec, mti, fields)]
    size = len(parts[0])
    spans: dict[int, tuple[int, int]] = {}
    for number in sorted(fields):
        prefix, data = write_field(spec.fields[number], fields[number])
        parts += (prefix, data)
        size += len(prefix)
        spans[number] = (size, size + len(data))
        size += len(data)
    return b"".join(parts), spans


def write_head(spec: Spec, mti: str, numbers: Collection[int]) -> bytes:
    """Return message type and bitmap as they go on the wire; raises EncodeError."""
    if len(mti) != MTI_DIGITS or not is_digits(mti):
        raise EncodeError("message type is not four digits")
    for number in numbers:
        if number not in spec.fields:
            raise EncodeError(f"dialect {spec.name} has no such field", field=number)
    kind = unhexlify(mti) if spec.mti is Coding.BCD else mti.encode(PAGES[spec.mti])
    bits = write_bitmap(numbers)
    if spec.bitmap is Coding.BINARY:
        return kind + bits
    return kind + bits.hex().upper().encode(PAGES[spec.bitmap])


class _FieldFault(Exception):  # noqa: N818 - inside this file only, and always turned into DecodeError
    """A reason and the place it was found at."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def _read_mti(spec: Spec, body: bytes) -> str:
    data = body[: spec.mti_size]
    if len(data) < spec.mti_size:
        raise DecodeError("ends inside the message type", offset=len(body))
    if spec.mti is Coding.BCD:
        mti = data.hex()
    else:
        mti = data.decode("latin-1" if spec.mti is Coding.ASCII else PAGES[spec.mti])
    if not is_digits(mti):
        raise DecodeError("message type is not four digits")
    return mti


def _read_bits(spec: Spec, body: bytes, offset: int, mti: str) -> bytes:
    data = body[offset : offset + spec.bitmap_size]
    if len(data) < spec.bitmap_size:
        raise DecodeError("ends inside the bitmap", offset=len(body), mti=mti)
    if spec.bitmap is Coding.BINARY:
        return data
    try:
        if spec.bitmap is Coding.EBCDIC:
            data = data.decode(PAGES[Coding.EBCDIC]).encode("ascii")
        bits = unhexlify(data)
    except ValueError:
        raise DecodeError("bitmap is not hex characters", offset=offset, mti=mti) from None
    assert len(bits) == BITMAP_SIZE
    return bits


def _read_place(field: Field, body: bytes, offset: int) -> tuple[int, int, int]:
    units = field.size
    start = offset
    if field.prefix is not None:
        start = offset + field.prefix.size
        if start > len(body):
            raise _FieldFault("ends inside the length", offset)
        count = read_count(field.prefix, body[offset:start])
        if count < 0:
            raise _FieldFault("length is not digits", offset)
        units = field.units_told(count)
        if units < 0:
            raise _FieldFault("length tells half an octet", offset)
        if units > field.size:
            raise _FieldFault(f"{units} announced, at most {field.size}", offset)
    end = start + field.wire_size(units)
    if end > len(body):
        raise _FieldFault(f"{end - start} bytes announced, {len(body) - start} left", start)
    return units, start, end


def _read_value(field: Field, body: bytes, start: int, end: int, units: int) -> str:
    try:
        return read_content(field, body[start:end], units)
    except ContentError as error:
        raise _FieldFault(str(error), start) from None


def write_field(field: Field, value: str) -> tuple[bytes, bytes]:
    """Return length and content of one field; raises EncodeError."""
    try:
        data, units = write_content(field, value)
        return _write_length(field, units), data
    except ContentError as error:
        raise EncodeError(str(error), field=field.number) from None


def _write_length(field: Field, units: int) -> bytes:
    if field.prefix is None:
        if units != field.size:
            raise ContentError(f"{units} long, must be {field.size}")
        return b""
    if units > field.size:
        raise ContentError(f"{units} long, at most {field.size}")
    count = field.count_for(units)
    if count < 0:
        raise ContentError("an odd count of digits where bytes are counted")
    return write_count(field.prefix, count)
