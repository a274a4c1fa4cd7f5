"""Dialect files: text to spec, with the line of every mistake, and spec to text.

A file is TOML: a few words about the dialect, then one line for each field. A dialect may name a
base and say only what differs; ``field = false`` removes one. Where the text comes from is the
caller's business (codec.py); what the columns mean is told in spec.py.
"""

import tomllib
from collections.abc import Callable, Mapping
from typing import Final

from pointsman.codecs.errors import SpecError
from pointsman.codecs.framing import FRAMINGS
from pointsman.codecs.layouts import read_layouts
from pointsman.codecs.lines import Lines, RowError
from pointsman.codecs.rows import read_row
from pointsman.codecs.spec import (
    FIELD_FIRST,
    FIELD_LAST,
    THIRD_BITMAP,
    Coding,
    Field,
    Spec,
    make_fields,
)

MTI_CODINGS: Final = (Coding.BCD, Coding.ASCII, Coding.EBCDIC)
BITMAP_CODINGS: Final = {"binary": Coding.BINARY, "hex": Coding.HEX, "ebcdic-hex": Coding.EBCDIC}
# Which message types a dialect has: 0xxx, 1xxx, 2xxx, or 10xx of wallet orders.
VERSIONS: Final = ("1987", "1993", "2003", "wallet")
KEYS: Final = frozenset(
    {
        "name", "title", "base", "version", "framing", "mti", "bitmap", "assumed",
        "fields", "layouts",
    }
)  # fmt: skip


def load_spec(text: str, path: str, base_named: Callable[[str], Spec]) -> Spec:
    """Return the dialect that ``text`` describes; raises SpecError with ``path`` and line.

    ``base_named`` gives the base of a variant and may raise KeyError.
    """
    lines = Lines(text, path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise lines.syntax(error) from None
    for key in document:
        if key not in KEYS:
            raise lines.fault(key, f"unknown key {key!r}; known are {', '.join(sorted(KEYS))}")
    start = _base(document, lines, base_named)
    rows = dict(start.fields) if start else {}
    _read_rows(document.get("fields", {}), lines, rows)
    layouts = read_layouts(document.get("layouts", []), rows, lines)
    if start:
        own = {layout.field for layout in layouts}
        kept = (one for one in start.layouts if one.field in rows and one.field not in own)
        layouts = (*kept, *layouts)
    framing = _word(document, "framing", lines, start.framing if start else None)
    if framing not in FRAMINGS:
        raise lines.fault("framing", f"no framing {framing!r}; there are {', '.join(FRAMINGS)}")
    version = _word(document, "version", lines, start.version if start else VERSIONS[0])
    if version not in VERSIONS:
        raise lines.fault("version", f"version must be one of {', '.join(VERSIONS)}")
    return Spec(
        name=_word(document, "name", lines, None),
        title=_word(document, "title", lines, None),
        mti=_mti(document, lines, start),
        bitmap=_bitmap(document, lines, start),
        framing=framing,
        fields=make_fields(rows),
        layouts=layouts,
        assumed=_word(document, "assumed", lines, start.assumed if start else ""),
        base=start.name if start else None,
        version=version,
        path=path,
    )


def _base(
    document: Mapping[str, object], lines: Lines, base_named: Callable[[str], Spec]
) -> Spec | None:
    if "base" not in document:
        return None
    name = _word(document, "base", lines, None)
    try:
        return base_named(name)
    except KeyError:
        raise lines.fault("base", f"no dialect {name!r} to build on") from None


def _read_rows(section: object, lines: Lines, rows: dict[int, Field]) -> None:
    if not isinstance(section, dict):
        raise lines.fault("fields", "fields must be a section of rows")
    for key, row in section.items():
        number = int(key) if key.isascii() and key.isdecimal() else 0
        if not FIELD_FIRST <= number <= FIELD_LAST or key != str(number):
            raise lines.fault(key, f"field {key!r} is not a number from 2 to 128", "fields")
        if number == THIRD_BITMAP:
            raise lines.fault(key, "bit 65 announces a third bitmap, which none has", "fields")
        if row is False:
            if rows.pop(number, None) is None:
                raise lines.fault(key, f"field {number} is not in the base", "fields")
            continue
        try:
            rows[number] = read_row(number, row, rows.get(number))
        except RowError as error:
            raise lines.fault(key, f"field {number}: {error}", "fields") from None


def _word(document: Mapping[str, object], key: str, lines: Lines, default: str | None) -> str:
    value = document.get(key, default)
    if value is None:
        raise SpecError(f"{key} is missing", path=lines.path, line=1)
    if not isinstance(value, str):
        raise lines.fault(key, f"{key} must be text")
    return value


def _mti(document: Mapping[str, object], lines: Lines, start: Spec | None) -> Coding:
    word = _word(document, "mti", lines, start.mti.value if start else None)
    for coding in MTI_CODINGS:
        if coding.value == word:
            return coding
    raise lines.fault("mti", f"mti must be one of bcd, ascii, ebcdic, not {word!r}")


def _bitmap(document: Mapping[str, object], lines: Lines, start: Spec | None) -> Coding:
    if "bitmap" not in document and start:
        return start.bitmap
    word = _word(document, "bitmap", lines, None)
    if word not in BITMAP_CODINGS:
        raise lines.fault("bitmap", f"bitmap must be binary, hex or ebcdic-hex, not {word!r}")
    return BITMAP_CODINGS[word]
