"""Keys of the site file as rows: what each table may hold and what each value must look like.

`read_table` walks one table by its rows and tells every fault, not only the first. A fault never
repeats the value: it might be a key that stands in the wrong place. What the tables mean together
is in file.py, on which line a key stands in lines.py.
"""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import time
from zoneinfo import ZoneInfo

from pointsman.money import UnknownCurrencyError, currency
from pointsman.site.lines import Path


class WrongValueError(ValueError):
    """A value that is not what its row asks for; the message says what is asked for."""


@dataclass(frozen=True, slots=True)
class ClearKey:
    """A key in clear from a laboratory site file; only the HSM is ever given it."""

    hex: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BlockKey:
    """A key as a key block under the HSM's master key, made by its own commands."""

    block: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key on a hardware HSM, by the reference that the device gave for it."""

    reference: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class GeneratedKey:
    """The HSM shall make the key, once; later imports keep it."""


KeySource = ClearKey | BlockKey | DeviceKey | GeneratedKey
Check = Callable[[object], object]
Faults = list[tuple[Path, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One key of a table: its check, and the value that stands in where it is not given."""

    name: str
    check: Check
    required: bool = False
    default: object = None


def read_table(
    table: object, rows: Sequence[Row], path: Path, faults: Faults
) -> dict[str, object] | None:
    """Return the checked values of one table by name, or None after adding to `faults`."""
    if not isinstance(table, dict):
        faults.append((path, "a table is expected"))
        return None
    before = len(faults)
    known = [row.name for row in rows]
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            faults.append(((*path, name), f"no such key{hint}"))
    values: dict[str, object] = {}
    for row in rows:
        if row.name not in table:
            values[row.name] = row.default
            if row.required:
                faults.append((path, f"key {row.name} is missing"))
            continue
        try:
            values[row.name] = row.check(table[row.name])
        except WrongValueError as error:
            faults.append(((*path, row.name), str(error)))
    return values if len(faults) == before else None


def text(pattern: str, expected: str) -> Check:
    """Ask for text that matches the pattern as a whole."""
    whole = re.compile(pattern, re.ASCII)

    def check(value: object) -> object:
        if not isinstance(value, str) or not whole.fullmatch(value):
            raise WrongValueError(f"{expected} expected")
        return value

    return check


def plain_text(size_max: int) -> Check:
    """Ask for text for people, in any language, without control characters."""

    def check(value: object) -> object:
        if not isinstance(value, str) or not 1 <= len(value) <= size_max:
            raise WrongValueError(f"text of 1 to {size_max} characters expected")
        if not value.isprintable() or value != value.strip():
            raise WrongValueError("text without control characters or outer blanks expected")
        return value

    return check


def one_of(names: Sequence[str]) -> Check:
    """Ask for one of the names."""

    def check(value: object) -> object:
        if not isinstance(value, str) or value not in names:
            raise WrongValueError(f"one of {', '.join(names)} expected")
        return value

    return check


def some_of(names: Sequence[str]) -> Check:
    """Ask for a list of names, each once; the result is a frozenset."""

    def check(value: object) -> object:
        known = isinstance(value, list) and all(isinstance(v, str) and v in names for v in value)
        if not isinstance(value, list) or not known or len(set(value)) != len(value):
            raise WrongValueError(f"a list of {', '.join(names)} (each once) expected")
        return frozenset(value)

    return check


def whole_number(low: int, high: int) -> Check:
    """Ask for a whole number within bounds."""

    def check(value: object) -> object:
        if type(value) is not int or not low <= value <= high:
            raise WrongValueError(f"a whole number from {low} to {high} expected")
        return value

    return check


def seconds(low: float, high: float) -> Check:
    """Ask for a number of seconds within bounds."""

    def check(value: object) -> object:
        if type(value) not in (int, float) or not isinstance(value, int | float):
            raise WrongValueError("a number of seconds expected")
        if not low <= value <= high:
            raise WrongValueError(f"a number of seconds from {low:g} to {high:g} expected")
        return float(value)

    return check


def yes_or_no(value: object) -> object:
    """Check for ``true`` or ``false``."""
    if not isinstance(value, bool):
        raise WrongValueError("true or false expected")
    return value


def currency_code(value: object) -> object:
    """Check for a letter or numeric code of ISO 4217; the result is the numeric code."""
    try:
        return currency(value if isinstance(value, str) else "").numeric
    except UnknownCurrencyError:
        raise WrongValueError("a currency of ISO 4217 expected, such as CNY or 156") from None


def time_zone(value: object) -> object:
    """Check for the IANA name of a time zone."""
    try:
        return ZoneInfo(value if isinstance(value, str) else "").key
    except (KeyError, ValueError, OSError):
        raise WrongValueError("an IANA time zone expected, such as Asia/Shanghai") from None


def time_of_day(value: object) -> object:
    """Check for ``HH:MM``."""
    if not isinstance(value, str) or not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise WrongValueError("a time of day such as 23:00 expected")
    return time.fromisoformat(value)


_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})", re.ASCII)
_PORT_MAX = 65_535


def address(value: object) -> object:
    """Check for ``host:port`` (IPv6 in brackets); the result is (host, port)."""
    found = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if found is None or not 1 <= int(found[3]) <= _PORT_MAX:
        raise WrongValueError("host:port expected, such as 127.0.0.1:9101 or [::1]:9101")
    return (found[1] or found[2], int(found[3]))


_BLOCK = re.compile("[ABCD][0-9]{4}[ -~]{11,1019}", re.ASCII)  # X9.143: version, length, rest
# payShield: a variant key by its scheme and length, or S and a key block.
_REFERENCE = re.compile(
    "[UX][0-9A-F]{32}|[TY][0-9A-F]{48}|S[0-9A-D][0-9]{4}[ -~]{11,1019}", re.ASCII
)
_HEX = re.compile("(?:[0-9A-Fa-f]{16}){1,3}", re.ASCII)


def key(sizes: Sequence[int], *, generated: bool) -> Check:
    """Ask for a key block, a clear key of one of these sizes in bytes (hex) or ``generate``."""
    clear = " or ".join(str(2 * size) for size in sizes)
    expected = f"a key block or {clear} hex digits" + (' or "generate"' if generated else "")
    expected += " or a hardware HSM's reference"

    def check(value: object) -> object:
        if not isinstance(value, str):
            raise WrongValueError(f"{expected} expected")
        if generated and value == "generate":
            return GeneratedKey()
        if _HEX.fullmatch(value) and len(value) // 2 in sizes:
            return ClearKey(value.upper())
        if _REFERENCE.fullmatch(value):
            return DeviceKey(value.encode("ascii"))
        if _BLOCK.fullmatch(value):
            return BlockKey(value.encode("ascii"))
        raise WrongValueError(f"{expected} expected")

    return check
