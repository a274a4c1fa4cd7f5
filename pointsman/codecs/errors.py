"""What can go wrong between bytes and fields, told so that an operator can find the byte.

Four faults: a stream that cannot be cut, a message that breaks its dialect, values that a dialect
cannot carry, and a dialect description that contradicts itself. Nothing else leaves this room.
No text here ever holds input bytes; the fields read before a fault travel beside the text.
"""

from collections.abc import Mapping
from types import MappingProxyType

NO_FIELDS: Mapping[int, str] = MappingProxyType({})


class DecodeError(ValueError):
    """A message that breaks its dialect.

    ``field`` is None before the first field (message type, bitmap, header) and after the last;
    ``sub`` names a sub-field; ``offset`` counts bytes from the start of what was given to the
    decoder; ``decoded`` holds the fields before the fault and is never part of the text.
    """

    def __init__(
        self,
        reason: str,
        *,
        offset: int = 0,
        field: int | None = None,
        sub: str | None = None,
        mti: str | None = None,
        decoded: Mapping[int, str] = NO_FIELDS,
    ) -> None:
        where = "message" if field is None else f"field {field}"
        inner = "" if sub is None else f" ({sub})"
        super().__init__(f"{where}{inner} at byte {offset}: {reason}")
        self.reason = reason
        self.offset = offset
        self.field = field
        self.sub = sub
        self.mti = mti
        self.decoded = decoded


class FrameError(DecodeError):
    """A stream whose next length cannot be believed; the connection cannot be read any further.

    ``frames`` are those that were whole before the fault, oldest first.
    """

    def __init__(self, reason: str, frames: tuple[bytes, ...] = ()) -> None:
        super().__init__(reason)
        self.frames = frames


class EncodeError(ValueError):
    """Values that the dialect cannot carry; ``field`` is None for the message type."""

    def __init__(self, reason: str, *, field: int | None = None, sub: str | None = None) -> None:
        where = "message" if field is None else f"field {field}"
        inner = "" if sub is None else f" ({sub})"
        super().__init__(f"{where}{inner}: {reason}")
        self.reason = reason
        self.field = field
        self.sub = sub


class SpecError(ValueError):
    """A dialect description with a mistake: ``path`` and ``line`` say where, ``reason`` what."""

    def __init__(self, reason: str, *, path: str, line: int) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.reason = reason
        self.path = path
        self.line = line
