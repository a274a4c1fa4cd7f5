"""The codec of one dialect: decode, peek, encode, patch, forward.

Each bitmap that is seen often gets straight-line code, kept in a bounded table; the careful walk
(walk.py) serves everything else and every message the code doubts, so a fault is always told by
the walk. Where dialects come from is codec.py's, what the code looks like emit_decode.py's.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pointsman.codecs.admission import CODES_MAX, Admission
from pointsman.codecs.bitmap import BITMAP_SIZE, write_bitmap
from pointsman.codecs.message import Message
from pointsman.codecs.shape import Decode, Encode, Shape, compile_encode
from pointsman.codecs.spec import Spec
from pointsman.codecs.splice import splice
from pointsman.codecs.tables import DoubtError
from pointsman.codecs.walk import walk_decode, walk_peek
from pointsman.codecs.write import walk_encode

SHAPES_MAX: Final = 512  # bitmaps remembered without code
PEEK_SETS_MAX: Final = 64  # sets of fields that callers peek at; each caller has one
_Table = dict[bytes, Decode]


class Encoded(Struct, frozen=True):
    """A message made: its bytes, and where each field's content stands in them."""

    data: bytes
    shape: Shape

    @property
    def spans(self) -> Mapping[int, tuple[int, int]]:
        """Where each field's content stands."""
        return self.shape.read_spans(self.data)

    def span(self, number: int) -> tuple[int, int]:
        """Return where one field's content stands: at once, where it is fixed from the end."""
        return self.shape.read_span(self.data, number)

    def __repr__(self) -> str:
        return f"Encoded({len(self.data)} bytes, fields {', '.join(map(str, self.spans))})"


class Codec:
    """Bytes to fields and back in one dialect; shared by all who speak it."""

    def __init__(self, spec: Spec) -> None:
        self.spec: Final = spec
        self.name: Final = spec.name
        self._first: Final = slice(spec.mti_size, spec.mti_size + spec.bitmap_size)
        self._both: Final = slice(spec.mti_size, spec.mti_size + 2 * spec.bitmap_size)
        self._decoders: dict[bytes, Decode] = {}
        self._peekers: dict[tuple[int, ...], Decode] = {}
        self._encoders: dict[tuple[int, ...], Encode] = {}
        self._order_shapes: dict[tuple[int, ...], Shape] = {}
        self._decoding: Final = Admission()
        self._peeking: Final = Admission()
        self._encoding: Final = Admission()
        self._shape: Final = lru_cache(maxsize=SHAPES_MAX)(lambda bits: Shape(spec, bits))

    def decode(self, body: bytes) -> Message:
        """Decode every field, strictly; raises DecodeError only."""
        decode = self._decoders.get(body[self._first])
        if decode is not None:
            try:
                return decode(body)
            except (ValueError, LookupError):
                pass  # the walk tells what is wrong, or takes what the code was too narrow for
        return self._decode_carefully(body)

    def peek(self, body: bytes, fields: tuple[int, ...]) -> Message:
        """Decode these fields now, where present, and others when they are asked for.

        What stands behind the last of them is not looked at yet; raises DecodeError only.
        """
        return self.peeker(fields)(body)

    def peeker(self, fields: tuple[int, ...]) -> Decode:
        """Return ``peek`` for one set of fields, to be kept by whoever asks often."""
        peek = self._peekers.get(fields)
        if peek is None:
            peek = self._make_peeker(fields)
            if len(self._peekers) < PEEK_SETS_MAX:
                self._peekers[fields] = peek
        return peek

    def encode(self, mti: str, fields: Mapping[int, str]) -> bytes:
        """Return the message; raises EncodeError only."""
        order = tuple(fields)
        encode = self._encoders.get(order)
        if encode is not None:
            try:
                return encode(mti, fields)
            except (ValueError, LookupError):
                pass  # as in decode
        data = walk_encode(self.spec, mti, fields)[0]
        # Values that code leaves to the walk (= in a packed track) must not make it anew.
        if order not in self._encoders and self._encoding.deserves(order):
            self._admit_encoder(order)
        return data

    def encode_spans(self, mti: str, fields: Mapping[int, str]) -> Encoded:
        """Return the message and where each field's content stands; raises EncodeError only."""
        data = self.encode(mti, fields)
        order = tuple(fields)
        shape = self._order_shapes.get(order)
        if shape is None:
            shape = self._shape(write_bitmap(order))
            if len(self._order_shapes) < SHAPES_MAX:
                self._order_shapes[order] = shape
        return Encoded(data, shape)

    def patch(
        self,
        message: Message,
        changes: Mapping[int, str],
        *,
        mti: str | None = None,
        remove: Collection[int] = (),
    ) -> bytes:
        """Return the message with fields replaced, added and removed, all else byte for byte.

        ``message`` must be of this dialect; raises EncodeError, and DecodeError where a message
        from ``peek`` turns out to be faulty.
        """
        return splice(self.spec, message, changes, mti, remove)

    def forward(
        self,
        message: Message,
        mti: str,
        keep: Iterable[int],
        changes: Mapping[int, str],
    ) -> bytes:
        """Return a message of this dialect from one of any other.

        The fields of ``keep`` that are present go over with their values, those of ``changes``
        are set; raises EncodeError where a value does not fit this dialect.
        """
        fields = {}
        for number in keep:
            value = message.get(number)
            if value is not None:
                fields[number] = value
        fields.update(changes)
        return self.encode(mti, fields)

    @property
    def codes(self) -> int:
        """How many pieces of code were made so far."""
        return self._decoding.made + self._peeking.made + self._encoding.made

    def shape(self, bits: bytes) -> Shape:
        """Return what is known of a bitmap of 8 or 16 bytes, to show its code."""
        return self._shape(bits)

    def _decode_carefully(self, body: bytes) -> Message:
        walked = walk_decode(self.spec, body)
        shape = self._shape(walked.bitmap)
        key = body[self._first if len(walked.bitmap) == BITMAP_SIZE else self._both]
        if key in self._decoders:
            self._link(self._decoders, key)
        elif self._decoding.deserves(key):
            self._admit(self._decoders, key, shape.compile_decode())
        return Message(shape, body, walked.mti, tuple(walked.values.values()))

    def _make_peeker(self, fields: tuple[int, ...]) -> Decode:
        table: _Table = {}
        first = self._first

        def peek(body: bytes) -> Message:
            code = table.get(body[first])
            if code is not None:
                try:
                    return code(body)
                except (ValueError, LookupError):
                    pass  # as in decode
            return self._peek_carefully(body, fields, table)

        return peek

    def _peek_carefully(self, body: bytes, fields: tuple[int, ...], table: _Table) -> Message:
        head, some = walk_peek(self.spec, body, fields)
        shape = self._shape(head.bits)
        key = body[self.spec.mti_size : head.end]
        if key in table:
            self._link(table, key)
        elif self._peeking.deserves((fields, key)):
            wanted = tuple(n for n in shape.numbers if n in fields)
            self._admit(table, key, shape.compile_decode(wanted))
        return Message(shape, body, head.mti, None, some)

    def _admit(self, table: _Table, key: bytes, made: Decode) -> None:
        if len(table) >= CODES_MAX:
            table.pop(next(iter(table)))  # the oldest; it comes back when it is seen again
        table[key] = made
        self._link(table, key)

    def _link(self, table: _Table, key: bytes) -> None:
        """Let the first bitmap of two lead to the code of both, also after it was crowded out."""
        if len(key) > self.spec.bitmap_size:
            table.setdefault(key[: self.spec.bitmap_size], self._by_both(table))

    def _by_both(self, table: _Table) -> Decode:
        both, size = self._both, 2 * self.spec.bitmap_size

        def decode(body: bytes) -> Message:
            key = body[both]
            found = table.get(key)
            # A message cut inside its second bitmap has a key that leads back here.
            if found is None or len(key) != size:
                raise DoubtError
            return found(body)

        return decode

    def _admit_encoder(self, order: tuple[int, ...]) -> None:
        if len(self._encoders) >= CODES_MAX:
            self._encoders.pop(next(iter(self._encoders)))
        self._encoders[order] = compile_encode(self.spec, tuple(sorted(order)))
