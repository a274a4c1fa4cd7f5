"""The careful way from fields to a message, one field after the other, by its dialect.

What walk.py reads this file writes: the same rows, the same units, errors with the field. Compiled
code (emit_encode.py) must give the same bytes and hands what it doubts to this file.
"""

from binascii import unhexlify
from collections.abc import Collection, Mapping

from pointsman.codecs.bitmap import write_bitmap
from pointsman.codecs.content import PAGES, ContentError, is_digits, write_content, write_count
from pointsman.codecs.errors import EncodeError
from pointsman.codecs.spec import Coding, Field, Spec

MTI_DIGITS = 4


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
