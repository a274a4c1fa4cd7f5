"""One bitmap of one dialect: which fields, where they stand, and the code made for it.

A shape begins without code and answers through the careful walk; ``compile`` makes the code. It
is what a message leans on for everything beyond its values. Which shapes deserve code is decided
in engine.py.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from pointsman.codecs.bitmap import read_bitmap
from pointsman.codecs.emit_decode import emit_decode, emit_spans
from pointsman.codecs.emit_encode import emit_encode
from pointsman.codecs.emit_peek import emit_peek
from pointsman.codecs.message import Message
from pointsman.codecs.places import Namespace
from pointsman.codecs.spec import Spec
from pointsman.codecs.walk import walk_decode

Decode = Callable[[bytes], Message]
Spans = Callable[[bytes], dict[int, tuple[int, int]]]
Encode = Callable[[str, Mapping[int, str]], bytes]


class Shape:
    """The knowledge of one bitmap; shared by all messages that have it."""

    def __init__(self, spec: Spec, bits: bytes) -> None:
        self.spec = spec
        self.bitmap_hex = bits.hex().upper()
        self.numbers: Mapping[int, int] = {n: i for i, n in enumerate(read_bitmap(bits))}
        self._bitmap_size = spec.bitmap_size * (len(bits) // 8)

    def decode_source(self, wanted: tuple[int, ...] | None = None) -> str:
        """Return the source of the code that decodes, to be read."""
        return self._emit(wanted)[0]

    def compile_decode(self, wanted: tuple[int, ...] | None = None) -> Decode:
        """Return code that decodes all fields, or the wanted ones; raises DoubtError when run."""
        source, names = self._emit(wanted)
        made: Decode = _make(source, names | {"Message": Message, "shape": self}, "decode")
        return made

    def read_all(self, raw: bytes) -> tuple[str, ...]:
        """Decode every field with care; raises DecodeError."""
        return tuple(walk_decode(self.spec, raw).values.values())

    def read_span(self, raw: bytes, number: int) -> tuple[int, int]:
        """Return where a field's content stands in a good message; raises KeyError."""
        tail = self._tails.get(number)
        if tail is not None:
            size = len(raw)
            return size - tail[0], size - tail[1]
        return self.read_spans(raw)[number]

    def read_spans(self, raw: bytes) -> dict[int, tuple[int, int]]:
        """Return where each field's content stands; raises DecodeError."""
        try:
            return self._spans(raw)
        except (ValueError, LookupError):
            return walk_decode(self.spec, raw).spans

    @cached_property
    def _spans(self) -> Spans:
        source, names = emit_spans(self.spec, tuple(self.numbers), self._bitmap_size)
        made: Spans = _make(source, names, "spans")
        return made

    @cached_property
    def _tails(self) -> dict[int, tuple[int, int]]:
        """Distances from the end of the fixed fields behind the last variable one."""
        tails = {}
        distance = 0
        for number in reversed(self.numbers):
            field = self.spec.fields.get(number)
            if field is None or field.prefix is not None:
                break
            size = field.wire_size(field.size)
            tails[number] = (distance + size, distance)
            distance += size
        return tails

    def _emit(self, wanted: tuple[int, ...] | None) -> tuple[str, Namespace]:
        numbers = tuple(self.numbers)
        if wanted is None:
            return emit_decode(self.spec, numbers, self._bitmap_size)
        return emit_peek(self.spec, numbers, self._bitmap_size, wanted)


def compile_encode(spec: Spec, numbers: tuple[int, ...]) -> Encode:
    """Return code that encodes exactly these fields; raises DoubtError when run."""
    source, names = emit_encode(spec, numbers)
    made: Encode = _make(source, names, "encode")
    return made


def encode_source(spec: Spec, numbers: tuple[int, ...]) -> str:
    """Return the source of the code that encodes, to be read."""
    return emit_encode(spec, numbers)[0]


# Any: the three kinds of functions are told apart where they are kept.
def _make(source: str, names: Namespace, function: str) -> Callable[..., Any]:
    # The source is ours: it holds row numbers, sizes and checked words of the dialect file.
    exec(compile(source, f"<{function}>", "exec"), names)  # noqa: S102 - see above
    made = names[function]
    assert callable(made)
    return made
