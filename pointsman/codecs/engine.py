"""The codec of one dialect: decode, peek, encode, patch, forward.

Each bitmap that is seen often gets straight-line code (generate.py), kept in a bounded cache; the
careful walk (walk.py) serves everything else and every message the fast code doubts, so a fault is
always told by the walk. Where dialects come from is codec.py's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pointsman.codecs.bitmap import read_bitmap
from pointsman.codecs.errors import EncodeError
from pointsman.codecs.message import Message
from pointsman.codecs.spec import Spec
from pointsman.codecs.walk import walk_decode, walk_encode


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message made: its bytes, and where each field's content stands in them."""

    data: bytes
    spans: Mapping[int, tuple[int, int]]

    def __repr__(self) -> str:
        return f"Encoded({len(self.data)} bytes, fields {', '.join(map(str, self.spans))})"


class _WalkReader:
    def __init__(self, spec: Spec, bits: bytes) -> None:
        self._spec = spec
        self.bitmap_hex = bits.hex().upper()
        self.numbers: Mapping[int, int] = {n: i for i, n in enumerate(read_bitmap(bits))}

    def read_all(self, raw: bytes) -> dict[int, str]:
        return walk_decode(self._spec, raw).values

    def read_spans(self, raw: bytes) -> Mapping[int, tuple[int, int]]:
        return walk_decode(self._spec, raw).spans


class Codec:
    """Bytes to fields and back in one dialect; shared by all who speak it."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.name = spec.name
        self._reader = lru_cache(maxsize=256)(lambda bits: _WalkReader(spec, bits))

    def decode(self, body: bytes) -> Message:
        """Decode every field, strictly; raises DecodeError only."""
        walked = walk_decode(self.spec, body)
        return Message(self._reader(walked.bitmap), body, walked.mti, walked.values)

    def peek(self, body: bytes, fields: tuple[int, ...]) -> Message:  # noqa: ARG002
        """Decode these fields now and others when they are asked for; raises DecodeError."""
        return self.decode(body)

    def encode(self, mti: str, fields: Mapping[int, str]) -> bytes:
        """Return the message; raises EncodeError only."""
        return walk_encode(self.spec, mti, fields)[0]

    def encode_spans(self, mti: str, fields: Mapping[int, str]) -> Encoded:
        """Return the message and where each field's content stands; raises EncodeError only."""
        return Encoded(*walk_encode(self.spec, mti, fields))

    def patch(
        self,
        message: Message,
        changes: Mapping[int, str],
        *,
        mti: str | None = None,
        remove: Collection[int] = (),
    ) -> bytes:
        """Return the message with fields replaced, added and removed, all else byte for byte.

        ``message`` must be of this dialect; raises EncodeError.
        """
        values = {n: v for n, v in message.fields.items() if n not in remove} | dict(changes)
        if not values:
            raise EncodeError("no field is left")
        return self.encode(message.mti if mti is None else mti, values)
