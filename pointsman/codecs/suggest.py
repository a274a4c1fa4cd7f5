"""Which columns of a dialect would have to change for a message to decode.

For a message that breaks at one field: other ways to tell the length and to write the value are
tried for that field and the one before it, and kept when the walk gets further. Only a set of
changes under which the whole message decodes is worth telling.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from pointsman.codecs.lines import RowError
from pointsman.codecs.plausible import plausibility
from pointsman.codecs.rows import CODINGS, check_row, write_row
from pointsman.codecs.spec import Coding, Counts, Field, Prefix, Spec, make_fields
from pointsman.codecs.walk import Far, walk_far

CHANGES_MAX: Final = 4  # a dialect further away than this is another dialect
FOLLOWED: Final = 12  # candidates kept from one change to the next
SIZE_SMALL: Final = 99
LENGTHS: Final = (
    (Coding.BCD, 1),
    (Coding.BCD, 2),
    (Coding.ASCII, 2),
    (Coding.ASCII, 3),
    (Coding.EBCDIC, 2),
    (Coding.EBCDIC, 3),
    (Coding.BINARY, 1),
    (Coding.BINARY, 2),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One row changed: the columns that differ, as a dialect file has them."""

    number: int
    columns: dict[str, object]

    def __str__(self) -> str:
        columns = ", ".join(
            f'{column} = "{value}"' if isinstance(value, str) else f"{column} = {value}"
            for column, value in self.columns.items()
        )
        return f"{self.number} = {{ {columns} }}"


def suggest(spec: Spec, body: bytes) -> tuple[Change, ...]:
    """Return the changes under which ``body`` decodes whole, or none where none were found.

    A wrong row may reach far by accident, so the furthest few are followed, not only the first.
    """
    far = walk_far(spec, body)
    if far.error is None:
        return ()
    beam = [(spec, far)]
    for _ in range(CHANGES_MAX):
        tried = [
            (one, walk_far(one, body))
            for before, reached in beam
            for one in _variants(before, reached)
        ]
        whole = [(one, reached) for one, reached in tried if reached.error is None]
        if whole:
            best = max(whole, key=lambda pair: plausibility(*pair))[0]
            return _changes(spec, best)
        tried.sort(key=_reach, reverse=True)
        beam = tried[:FOLLOWED]
    return ()


def _changes(before: Spec, after: Spec) -> tuple[Change, ...]:
    return tuple(
        Change(number, _difference(before.fields[number], field))
        for number, field in after.fields.items()
        if field != before.fields[number]
    )


def _reach(pair: tuple[Spec, Far]) -> int:
    error = pair[1].error
    return error.offset if error is not None else 0


def _variants(spec: Spec, far: Far) -> Iterator[Spec]:
    """Yield the dialect with one row changed: the one at fault, or the one decoded before it."""
    assert far.error is not None
    suspects = [*([far.error.field] if far.error.field else []), *list(far.values)[-1:]]
    for number in filter(spec.fields.__contains__, suspects):
        for field in _rows(spec.fields[number]):
            yield replace(spec, fields=make_fields({**spec.fields, number: field}))


def _rows(field: Field) -> Iterator[Field]:
    changed = [replace(field, coding=coding) for coding in CODINGS[field.kind]]
    if field.prefix is not None:
        prefixes = [
            Prefix(coding, size, counts)
            for coding, size in LENGTHS
            for counts in (Counts.BYTES, Counts.DIGITS)
        ]
        sizes = (field.size, min(field.size, SIZE_SMALL))
        changed += [
            replace(field, prefix=prefix, size=size) for prefix in prefixes for size in sizes
        ]
    for one in changed:
        if one == field:
            continue
        try:
            check_row(one)
        except RowError:
            continue
        yield one


def _difference(before: Field, after: Field) -> dict[str, object]:
    old = write_row(before)
    return {column: value for column, value in write_row(after).items() if old.get(column) != value}
