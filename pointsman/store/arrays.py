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
_NULL = _LENGTH.pack(-1)
_BYTEA = 17
_TEXT = 25


class RowArray(bytes):
    """The binary form of an array of composites; make it with `row_array`."""


class TextArray(bytes):
    """The binary form of a text[]; make it with `text_array`."""


class ByteaArray(bytes):
    """The binary form of a bytea[]; make it with `bytea_array`."""


def text_array(elements: Sequence[bytes]) -> TextArray:
    """Pack UTF-8 texts."""
    return TextArray(_packed(_TEXT, elements))


def row_array(element_type: int, elements: Sequence[bytes]) -> RowArray:
    """Pack composites that are packed themselves; `element_type` is their type (pg_type.oid)."""
    return RowArray(_packed(element_type, elements))


def bytea_array(elements: Sequence[bytes | None]) -> ByteaArray:
    """Pack byte strings; None is null."""
    return ByteaArray(_packed(_BYTEA, elements))


def _packed(element_type: int, elements: Sequence[bytes | None]) -> bytes:
    if not elements:
        return _EMPTY.pack(0, 0, element_type)
    parts = [_HEAD.pack(1, None in elements, element_type, len(elements), 1)]
    length = _LENGTH.pack
    for element in elements:
        if element is None:
            parts.append(_NULL)
        else:
            parts.append(length(len(element)))
            parts.append(element)
    return b"".join(parts)


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Buffer) -> Buffer:
        return obj


class RowArrayDumper(_ArrayDumper):
    """Sends a `RowArray` as it is; which type it has, the server knows by its place."""

    oid = 0


class TextArrayDumper(_ArrayDumper):
    """Sends a `TextArray` as it is."""

    oid = 1009


class ByteaArrayDumper(_ArrayDumper):
    """Sends a `ByteaArray` as it is."""

    oid = 1001
