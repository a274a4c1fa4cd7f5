"""Private fields: parts by position and by tag, as the dialect's layouts say, both ways.

Positions are cut as far as the value reaches, so a right-truncated field 60 or 61 simply has fewer
parts; what is behind the last position is ``rest``. Octet fields that carry text (field 59) are cut
as that text. BER-TLV is tlv.py's.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pointsman.codecs.content import is_digits
from pointsman.codecs.errors import DecodeError, EncodeError
from pointsman.codecs.spec import Kind, Layout, Spec

PARTS_MAX: Final = 256  # parts of one field; 999 characters hold no more in earnest
REST: Final = "rest"
CONTROL_FIELD: Final = 60
CONTROL_CODE: Final = slice(8, 11)  # 60.3, the network management code
Get = Callable[[int], str | None]


def layout_of(spec: Spec, number: int, mti: str, get: Get) -> Layout | None:
    """Return the layout that holds for a field of this message; ``get`` gives its values."""
    for layout in layouts_of(spec, number, mti, get):
        if layout.size is None or len(get(number) or "") == layout.size:
            return layout
    return None


def layouts_of(spec: Spec, number: int, mti: str, get: Get) -> Iterator[Layout]:
    """Yield the layouts that may hold for a field of this message, whatever its size."""
    for layout in spec.layouts:
        if layout.field != number or not _mti_fits(layout.mti, mti):
            continue
        if layout.code is None or (get(CONTROL_FIELD) or "")[CONTROL_CODE] == layout.code:
            yield layout


def text_of(spec: Spec, number: int, value: str) -> str:
    """Return the characters of a field, also where it travels as octets."""
    if spec.fields[number].kind is not Kind.BYTES:
        return value
    return bytes.fromhex(value).decode("latin-1")


def octets_of(spec: Spec, number: int, text: str) -> str:
    """Return ``text`` as the field's value: itself, or hex where the field holds octets."""
    if spec.fields[number].kind is not Kind.BYTES:
        return text
    return text.encode("latin-1").hex().upper()


def split_positions(layout: Layout, value: str) -> dict[str, str]:
    """Cut ``value`` by the layout's sizes as far as it reaches.

    A repeated part is ``key``, ``key.2``, ``key.3``; what is behind the last position is ``rest``.
    """
    found: dict[str, str] = {}
    at = 0
    for key, size in _keys(layout):
        if at >= len(value):
            break
        found[key] = value[at : at + size]
        at += size
    if at < len(value):
        found[REST] = value[at:]
    return found


def join_positions(layout: Layout, parts: Mapping[str, str]) -> str:
    """Return the value of ``parts``, the layout's last may be short; raises EncodeError."""
    value = ""
    left = dict(parts)
    rest, last = left.pop(REST, ""), layout.parts[-1].key
    for key, size in _keys(layout):
        if not left:
            break
        text = left.pop(key, None)
        fits = text is not None and (len(text) == size or (key == last and len(text) < size))
        if text is None or not fits:
            reason = "missing before a later part" if text is None else f"must have {size}"
            raise EncodeError(reason, field=layout.field, sub=key)
        value += text
    if left:
        raise EncodeError("no such part", field=layout.field, sub=next(iter(left)))
    return value + rest


def _keys(layout: Layout) -> Iterator[tuple[str, int]]:
    for part in layout.parts:
        yield part.key, part.size
    if layout.repeat_after is not None:
        for turn in range(1, PARTS_MAX):
            for part in layout.parts[layout.repeat_after :]:
                yield f"{part.key}.{turn + 1}", part.size


def split_tags(layout: Layout, text: str) -> dict[str, str]:
    """Return the values of a tagged field by tag, in order; raises DecodeError."""
    return dict(iterate_tags(layout, text))


def iterate_tags(layout: Layout, text: str) -> Iterator[tuple[str, str]]:
    """Yield tag and value as ``split_tags`` returns them."""
    found: set[str] = set()
    at = layout.skip
    while at < len(text):
        tag = text[at : at + layout.tag_size]
        behind = at + layout.tag_size + layout.length_size
        length = text[at + layout.tag_size : behind]
        if len(length) < layout.length_size or not is_digits(length):
            raise _fault(layout, "length is not digits", at)
        if not tag.isalnum() or not tag.isascii():
            raise _fault(layout, "tag is not letters and digits", at)
        end = behind + int(length)
        if end > len(text):
            raise _fault(layout, f"{int(length)} announced, {len(text) - behind} left", behind)
        if tag in found or len(found) == PARTS_MAX:
            raise _fault(layout, "tag comes twice, or too many tags", at)
        found.add(tag)
        yield tag, text[behind:end]
        at = end


def join_tags(layout: Layout, values: Mapping[str, str], lead: str = "") -> str:
    """Return the text of a tagged field; ``lead`` are its ``skip`` first characters."""
    if len(lead) != layout.skip:
        raise EncodeError(f"must begin with {layout.skip} characters", field=layout.field)
    text = lead
    for tag, value in values.items():
        length = f"{len(value):0{layout.length_size}d}"
        if len(tag) != layout.tag_size or len(length) != layout.length_size:
            raise EncodeError("tag or value has the wrong size", field=layout.field, sub=tag)
        text += tag + length + value
    return text


def _mti_fits(pattern: str | None, mti: str) -> bool:
    return pattern is None or (
        len(pattern) == len(mti)
        and all(want in ("?", have) for want, have in zip(pattern, mti, strict=True))
    )


def _fault(layout: Layout, reason: str, offset: int) -> DecodeError:
    return DecodeError(reason, field=layout.field, sub=f"position {offset + 1}", offset=offset)
