"""PostgreSQL arrays in their binary form, packed without a look at each element's type.

A core. psycopg can pack lists as well; for arrays of documents this costs a tenth of it, and the
journal packs some for every sale. Format: PostgreSQL's array_recv.
"""

from collections.abc import Sequence
from struct import Struct

from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct("!iiIii")  # dimensions, has nulls, element type, length, lower bound
_LENGTH = Struct("!i")
_EMPTY = Struct("!iiI")
_BYTEA = 17
_TEXT = 25


class TextArray(bytes):
    """The binary form of a text[]; make it with `text_array`."""


class ByteaArray(bytes):
    """The binary form of a bytea[]; make it with `bytea_array`."""


def text_array(elements: Sequence[bytes]) -> TextArray:
    """Pack UTF-8 texts."""
    return TextArray(_packed(_TEXT, elements))


def bytea_array(elements: Sequence[bytes]) -> ByteaArray:
    """Pack byte strings."""
    return ByteaArray(_packed(_BYTEA, elements))


def _packed(element_type: int, elements: Sequence[bytes]) -> bytes:
    if not elements:
        return _EMPTY.pack(0, 0, element_type)
    parts = [_HEAD.pack(1, 0, element_type, len(elements), 1)]
    length = _LENGTH.pack
    for element in elements:
        parts.append(length(len(element)))
        parts.append(element)
    return b"".join(parts)


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Buffer) -> Buffer:
        return obj


class TextArrayDumper(_ArrayDumper):
    """Sends a `TextArray` as it is."""

    oid = 1009


class ByteaArrayDumper(_ArrayDumper):
    """Sends a `ByteaArray` as it is."""

    oid = 1001
