"""Ways in which given bytes may be framed: every profile that fits, and none at all.

For messages whose framing nobody told us. A length that announces more than there is, is kept as a
candidate with its fault. Which candidate is right is guess.py's question.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.framing import Envelope, Framing
from pointsman.codecs.header import HeaderKind
from pointsman.codecs.lengths import PREFIX_SIZE, read_length


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to see the bytes: profile, envelope, where the message begins, what is left over."""

    framing: Framing | None
    has_length: bool
    envelope: Envelope
    offset: int
    rest: bytes = b""
    fault: DecodeError | None = None

    def __repr__(self) -> str:
        name = self.framing.name if self.framing else "none"
        return f"Opening({name}, length={self.has_length}, offset={self.offset})"


def bare(wire: bytes) -> Opening:
    """Return the bytes seen as a message without any framing."""
    return Opening(None, False, Envelope(b"", b"", wire), 0)


def openings(wire: bytes, framings: Iterable[Framing]) -> Iterator[Opening]:
    """Yield every way in which ``wire`` begins with a frame of one of the profiles."""
    for framing in framings:
        with_length = open_framed(wire, framing)
        if with_length is not None:
            yield with_length
        if framing.tpdu or framing.header is not HeaderKind.NONE:
            without = _open(framing, wire, 0, b"", None)
            if without is not None:
                yield without


def open_framed(wire: bytes, framing: Framing) -> Opening | None:
    """Return ``wire`` as a frame with its length, or None where it cannot be one."""
    size = PREFIX_SIZE[framing.length]
    if len(wire) <= size:
        return None
    length = read_length(framing.length, framing.inclusive, wire[:size])
    if not 0 < length <= framing.size_max:
        return None
    left = len(wire) - size
    fault = None
    if length > left:
        fault = DecodeError(f"length announces {length} bytes, {left} are there")
    return _open(framing, wire[size : size + length], size, wire[size + length :], fault)


def _open(
    framing: Framing, frame: bytes, size: int, rest: bytes, fault: DecodeError | None
) -> Opening | None:
    try:
        envelope = framing.open(frame)
    except DecodeError:
        return None
    offset = size + len(frame) - len(envelope.body)
    return Opening(framing, size > 0, envelope, offset, rest, fault)
