"""A dialect as the text of its file: what profile.py reads, one line for each field.

For dialects that came from elsewhere (pyiso.py) and for showing what a variant amounts to. A spec
that has a base is written out in full, without it.
"""

import json

from pointsman.codecs.rows import write_row
from pointsman.codecs.spec import Coding, Field, Layout, LayoutKind, Spec

BITMAP_WORDS = {Coding.BINARY: "binary", Coding.HEX: "hex", Coding.EBCDIC: "ebcdic-hex"}


def profile_text(spec: Spec) -> str:
    """Return the TOML text of a dialect."""
    head = {
        "name": spec.name,
        "title": spec.title,
        "version": spec.version,
        "framing": spec.framing,
        "mti": spec.mti.value,
        "bitmap": BITMAP_WORDS[spec.bitmap],
        "assumed": spec.assumed,
    }
    lines = [f"{key} = {_word(value)}" for key, value in head.items() if value]
    lines += ["", "[fields]"]
    lines += [row_text(field) for field in spec.fields.values()]
    for layout in spec.layouts:
        lines += ["", *_layout_lines(layout)]
    return "\n".join(lines) + "\n"


def row_text(field: Field) -> str:
    """Return the line of one field."""
    columns = ", ".join(f"{column} = {_word(value)}" for column, value in write_row(field).items())
    return f"{field.number:<3} = {{ {columns} }}"


def _layout_lines(layout: Layout) -> list[str]:
    lines = ["[[layouts]]", f"field = {layout.field}", f"kind = {_word(layout.kind.value)}"]
    if layout.kind is LayoutKind.TAGS:
        lines += [f"tag_size = {layout.tag_size}", f"length_size = {layout.length_size}"]
        lines.append(f"skip = {layout.skip}")
    for key in ("repeat_after", "mti", "code", "size"):
        value = getattr(layout, key)
        if value is not None:
            lines.append(f"{key} = {_word(value)}")
    if layout.parts:
        lines.append("parts = [")
        for part in layout.parts:
            size = f", size = {part.size}" if part.size else ""
            words = f"key = {_word(part.key)}, name = {_word(part.name)}{size}"
            lines.append(f"  {{ {words}, show = {_word(part.show.value)} }},")
        lines.append("]")
    return lines


def _word(value: object) -> str:
    # JSON writes text and numbers as TOML reads them.
    return json.dumps(value, ensure_ascii=False)
