"""PostgreSQL arrays in their binary form, packed without a look at each element's type.

A core. psycopg can pack lists as well; for arrays of documents this costs a tenth of it, and the
journal packs some for every sale. Format: PostgreSQL's array_recv.
"""

from collections.abc import Sequence
from struct import Struct

_HEAD = Struct("!iiIii")  # dimensions, has nulls, element type, length, lower bound
_LENGTH = Struct("!i")
_EMPTY = Struct("!iiI")
_NULL = _LENGTH.pack(-1)
_BYTEA = 17
_TEXT = 25


def text_array(elements: Sequence[bytes]) -> bytes:
    """Pack UTF-8 texts."""
    return _packed(_TEXT, elements)


def row_array(element_type: int, elements: Sequence[bytes]) -> bytes:
    """Pack composites that are packed themselves; `element_type` is their type (pg_type.oid)."""
    return _packed(element_type, elements)


def bytea_array(elements: Sequence[bytes | None]) -> bytes:
    """Pack byte strings; None is null."""
    return _packed(_BYTEA, elements)


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
