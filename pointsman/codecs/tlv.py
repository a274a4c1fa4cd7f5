"""BER-TLV as chip data has it: tags, lengths and values, in order, unknown tags kept.

Sizes, counts and depth are bounded and offsets only grow, so hostile data costs no more than its
bytes. Which tags hold secrets is chip.py's; nothing here knows their meaning.
"""

from binascii import unhexlify
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pointsman.codecs.errors import DecodeError, EncodeError

TAGS_MAX: Final = 128  # objects in one field; real chip data has below 40
TAG_SIZE_MAX: Final = 4
LENGTH_BYTES_MAX: Final = 2  # no field holds more than 9999 octets
DEPTH_MAX: Final = 4  # script templates and directory entries nest twice
LONG_LENGTH: Final = 0x80
CONSTRUCTED: Final = 0x20
# EMV Book 3: several scripts may come in one answer, and several commands in one script.
REPEATED: Final = frozenset({"71", "72", "86"})


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object; ``tag`` is upper-case hex. Printing it shows tag and size alone."""

    tag: str
    value: bytes

    @property
    def constructed(self) -> bool:
        """Whether the value is itself a sequence of objects."""
        return bool(int(self.tag[:2], 16) & CONSTRUCTED)

    def __repr__(self) -> str:
        return f"Tlv({self.tag}, {len(self.value)} bytes)"


def parse_tlv(data: bytes, start: int = 0) -> tuple[Tlv, ...]:
    """Return the objects in ``data``, in order; raises DecodeError with the tag as ``sub``.

    ``start`` is added to the offset of a fault. Zero bytes between objects mean nothing (EMV Book
    3, annex B) and are passed over; a second copy of a tag is refused but for scripts.
    """
    return tuple(one for _, one in iterate_tlv(data, start))


def iterate_tlv(data: bytes, start: int = 0) -> Iterator[tuple[int, Tlv]]:
    """Yield the objects as ``parse_tlv`` returns them, each with the offset of its value."""
    count = 0
    seen: set[str] = set()
    offset, size = 0, len(data)
    while offset < size:
        if data[offset] == 0:
            offset += 1
            continue
        tag, offset = _read_tag(data, offset, start)
        length, offset = _read_length(data, offset, start, tag)
        if length > size - offset:
            reason = f"{length} bytes announced, {size - offset} left"
            raise DecodeError(reason, sub=tag, offset=start + offset)
        if tag in seen and tag not in REPEATED:
            raise DecodeError("tag comes twice", sub=tag, offset=start + offset)
        if count == TAGS_MAX:
            raise DecodeError(f"more than {TAGS_MAX} tags", sub=tag, offset=start + offset)
        seen.add(tag)
        count += 1
        yield start + offset, Tlv(tag, data[offset : offset + length])
        offset += length


def walk_tlv(data: bytes, depth: int = 0, start: int = 0) -> Iterator[tuple[int, Tlv]]:
    """Yield every object with its depth, templates before their contents; raises DecodeError."""
    for offset, one in iterate_tlv(data, start):
        yield depth, one
        if one.constructed:
            if depth == DEPTH_MAX:
                raise DecodeError(f"nested deeper than {DEPTH_MAX}", sub=one.tag, offset=offset)
            yield from walk_tlv(one.value, depth + 1, offset)


def build_tlv(objects: Iterable[Tlv]) -> bytes:
    """Return the bytes of ``objects`` with the shortest lengths; raises EncodeError."""
    parts = []
    for one in objects:
        tag = _write_tag(one.tag)
        size = len(one.value)
        if size < LONG_LENGTH:
            length = bytes((size,))
        elif size < 1 << 8:
            length = bytes((LONG_LENGTH | 1, size))
        elif size < 1 << 16:
            length = bytes((LONG_LENGTH | 2,)) + size.to_bytes(2, "big")
        else:
            raise EncodeError("too long for two bytes of length", sub=one.tag)
        parts.append(tag + length + one.value)
    return b"".join(parts)


def _write_tag(text: str) -> bytes:
    try:
        tag = unhexlify(text)
        good = bool(tag) and tag[0] != 0 and _read_tag(tag, 0, 0) == (text, len(tag))
    except ValueError:
        good, tag = False, b""
    if not good:
        raise EncodeError("not a tag in upper-case hex", sub=text)
    return tag


def _read_tag(data: bytes, offset: int, start: int) -> tuple[str, int]:
    end = offset + 1
    if data[offset] & 0x1F == 0x1F:  # noqa: PLR2004 - the low five bits: more bytes follow
        while True:
            if end == len(data):
                raise DecodeError("ends inside a tag", offset=start + end)
            end += 1
            if end - offset > TAG_SIZE_MAX:
                raise DecodeError("tag is too long", offset=start + offset)
            if not data[end - 1] & 0x80:
                break
    return data[offset:end].hex().upper(), end


def _read_length(data: bytes, offset: int, start: int, tag: str) -> tuple[int, int]:
    if offset == len(data):
        raise DecodeError("ends before a length", sub=tag, offset=start + offset)
    first = data[offset]
    offset += 1
    if first < LONG_LENGTH:
        return first, offset
    count = first & 0x7F
    if count == 0:
        raise DecodeError("length is indefinite", sub=tag, offset=start + offset - 1)
    if count > LENGTH_BYTES_MAX:
        raise DecodeError("length is too long", sub=tag, offset=start + offset - 1)
    if offset + count > len(data):
        raise DecodeError("ends inside a length", sub=tag, offset=start + len(data))
    return int.from_bytes(data[offset : offset + count], "big"), offset + count
