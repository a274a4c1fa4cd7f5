"""Two versions of the site compared, party by party: what is new, differs or is gone.

Keys are compared by check value alone, since a key block looks different each time it is made. What
is told of a difference is the name of the part, never its value. The whole plan is in plan.py.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from typing import Generic, TypeVar, assert_never

from pointsman.store.parties import Acquirer, Merchant
from pointsman.store.site_rows import AcquirerRow, FixedKeys, StoredKey, TerminalRow

Name = TypeVar("Name")
Party = TypeVar("Party")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many parties of one kind an import adds, changes, disables, leaves or keeps."""

    added: int = 0
    changed: int = 0
    disabled: int = 0
    unchanged: int = 0
    kept: int = 0  # not in the file, and left alone: the back office made them


@dataclass(frozen=True, slots=True)
class Compared(Generic[Name, Party]):
    """The rows of one kind that must be written, by name, with their count and description."""

    rows: Mapping[Name, Party]
    counts: Counts
    details: tuple[str, ...]


def compare(
    stored: Mapping[Name, Party],
    wanted: Mapping[Name, Party],
    gone: Callable[[Party], Party],
    own: AbstractSet[Name] = frozenset(),
) -> Compared[Name, Party]:
    """Compare one kind of party; what the file no longer names becomes what `gone` makes of it.

    Those of `own` that it does not name stay as they are.
    """
    rows: dict[Name, Party] = {}
    details: list[str] = []
    counts = dict.fromkeys(("added", "changed", "disabled", "unchanged", "kept"), 0)
    everything = dict(wanted)
    for name, old in stored.items():
        if name not in wanted and name in own:
            counts["kept"] += 1
        elif name not in wanted:
            everything[name] = gone(old)
    for name, new in everything.items():
        old_row = stored.get(name)
        if old_row is None:
            step, differing = "added", ""
        elif not (differing := _differing(old_row, new)):
            counts["unchanged"] += name in wanted  # what was disabled before is no news
            continue
        else:
            step = "changed" if name in wanted else "disabled"
            differing = differing if name in wanted else ""
        rows[name] = new
        counts[step] += 1
        shown = "/".join(name) if isinstance(name, tuple) else name
        details.append(f"{step} {shown}{differing}")
    return Compared(rows, Counts(**counts), tuple(details))


def _differing(old: object, new: object) -> str:
    """Name the parts that differ, never what they hold; empty where none does."""
    first, second = _face(old), _face(new)
    names = [name for name in first if first[name] != second[name]]
    return f" ({', '.join(names)})" if names else ""


def check_values(key: StoredKey | FixedKeys | None) -> tuple[str, ...]:
    """Return what keys are compared by."""
    match key:
        case None:
            return ()
        case StoredKey():
            return (key.check_value,)
        case FixedKeys():
            return (key.tpk.check_value, key.tak.check_value)
        case _:
            assert_never(key)


def _face(row: object) -> Mapping[str, object]:
    """Return the row's parts as they are compared, by name; one that is no record has one part."""
    match row:
        case TerminalRow():
            keys = {"tmk": check_values(row.tmk), "fixed": check_values(row.fixed)}
            return {**_parts(row), **keys, "batch": None}
        case AcquirerRow():
            zone = {"zpk": row.zpk_check_value, "zak": row.zak_check_value}
            return {**_parts(row.acquirer), **zone, "zmk": row.zmk_check_value}
        case Merchant():
            return _parts(row)
        case _:
            return {"contracts": row}


def _parts(row: TerminalRow | Acquirer | Merchant) -> dict[str, object]:
    return {part.name: getattr(row, part.name) for part in fields(row)}
