"""The careful walk through a message, one field after the other, by its dialect.

This is the meaning of a dialect. It is slow and says exactly what is wrong where; compiled code
(emit_decode.py) must accept the same messages with the same values, and hands every message it
doubts to this file. Offsets only grow, and every length is checked. The way back is write.py.
"""

from binascii import unhexlify
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pointsman.codecs.bitmap import BITMAP_SIZE, read_bitmap
from pointsman.codecs.content import (
    PAGES,
    ContentError,
    is_digits,
    read_content,
    read_count,
)
from pointsman.codecs.errors import DecodeError
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


@dataclass(frozen=True, slots=True)
class Far:
    """How far the walk came: all there is, or what stands before a fault, and the fault."""

    head: Head | None
    values: dict[int, str]
    spans: dict[int, tuple[int, int]]
    error: DecodeError | None

    def __repr__(self) -> str:
        return f"Far(fields={sorted(self.values)}, error={self.error})"


def walk_decode(spec: Spec, body: bytes) -> Walked:
    """Decode every field of ``body``; raises DecodeError with what was read before the fault."""
    far = walk_far(spec, body)
    if far.error is not None:
        raise far.error
    assert far.head is not None
    return Walked(far.head.mti, far.head.bits, far.values, far.spans)


def walk_far(spec: Spec, body: bytes) -> Far:
    """Decode as far as ``body`` is good; never raises."""
    values: dict[int, str] = {}
    spans: dict[int, tuple[int, int]] = {}
    try:
        head = read_head(spec, body)
    except DecodeError as error:
        return Far(None, values, spans, error)
    offset = head.end
    number = 0
    try:
        for number in read_bitmap(head.bits):
            field = _row(spec, number, offset)
            units, start, end = _read_place(field, body, offset)
            values[number] = _read_value(field, body, start, end, units)
            spans[number] = (start, end)
            offset = end
    except _FieldFault as fault:
        return Far(head, values, spans, fault.told(number, head.mti, values))
    if offset == len(body):
        return Far(head, values, spans, None)
    rest = _FieldFault(f"{len(body) - offset} bytes after the last field", offset)
    return Far(head, values, spans, rest.told(None, head.mti, values))


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
        try:
            field = _row(spec, number, offset)
            units, start, end = _read_place(field, body, offset)
            if number in wanted:
                values[number] = _read_value(field, body, start, end, units)
        except _FieldFault as fault:
            raise fault.told(number, head.mti, values) from None
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


class _FieldFault(Exception):  # noqa: N818 - inside this file only, and always turned into DecodeError
    """A reason and the place it was found at."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset

    def told(self, number: int | None, mti: str, values: Mapping[int, str]) -> DecodeError:
        """Return the error for the caller."""
        return DecodeError(self.reason, field=number, offset=self.offset, mti=mti, decoded=values)


def _row(spec: Spec, number: int, offset: int) -> Field:
    field = spec.fields.get(number)
    if field is None:
        raise _FieldFault(f"dialect {spec.name} has no such field", offset)
    return field


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
        told = "announced" if field.prefix else "needed"
        raise _FieldFault(f"{end - start} bytes {told}, {len(body) - start} left", start)
    return units, start, end


def _read_value(field: Field, body: bytes, start: int, end: int, units: int) -> str:
    try:
        return read_content(field, body[start:end], units)
    except ContentError as error:
        raise _FieldFault(str(error), start) from None
