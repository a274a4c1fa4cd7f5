"""Commands as frames on the local socket: length, version, and a batch of (id, name, body).

Bodies are MessagePack of the dataclasses in ``commands``, read strictly by type. A frame that
breaks its limits ends the connection; an item that breaks its type is answered alone. Who may ask
what is ``policy``'s.
"""

from collections.abc import Iterable
from typing import TypeVar, get_args

import msgspec

from pointsman.hsm import commands as c

VERSION = 1
FRAME_SIZE_MAX = 1 << 20  # bytes after the length: a batch of 2,000 blocks to re-wrap fits
ITEMS_MAX = 1_024  # requests in one frame
_HEAD = 4

Item = TypeVar("Item")
# Text that is not UTF-8 comes as a bare ValueError.
_UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
_Items = list[tuple[int, str, msgspec.Raw]]
_encoder = msgspec.msgpack.Encoder()
_items = msgspec.msgpack.Decoder(_Items)
_requests: dict[str, msgspec.msgpack.Decoder[c.Request]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind) for kind in get_args(c.Request)
}
_answers: dict[str, msgspec.msgpack.Decoder[c.Answer]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind) for kind in get_args(c.Answer)
}


class FrameError(ValueError):
    """Bytes that are no frame: the connection cannot go on."""


class FrameReader:
    """Collects bytes and gives back the payloads of frames that are whole."""

    __slots__ = ("_buffer", "size_max")

    def __init__(self, size_max: int = FRAME_SIZE_MAX) -> None:
        self.size_max = size_max
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Add ``data``; return every payload that is now whole. Raises FrameError."""
        buffer = self._buffer
        buffer += data
        payloads, at = [], 0
        while len(buffer) - at >= _HEAD:
            size = int.from_bytes(buffer[at : at + _HEAD])
            if not 0 < size <= self.size_max:
                raise FrameError("frame length")
            if len(buffer) - at - _HEAD < size:
                break
            if buffer[at + _HEAD] != VERSION:
                raise FrameError("frame version")
            payloads.append(bytes(buffer[at + _HEAD + 1 : at + _HEAD + size]))
            at += _HEAD + size
        del buffer[:at]
        return payloads


def frame(items: Iterable[tuple[int, c.Request | c.Answer]]) -> bytes:
    """Return one frame of numbered requests or answers; FrameError if it cannot be one."""
    try:
        body = _encoder.encode([(number, type(item).__name__, item) for number, item in items])
    except (OverflowError, UnicodeEncodeError, msgspec.MsgspecError):
        raise FrameError("a value that the wire cannot carry") from None
    if len(body) >= FRAME_SIZE_MAX:
        raise FrameError("frame too long")
    return (len(body) + 1).to_bytes(_HEAD) + bytes((VERSION,)) + body


def frames(items: list[tuple[int, c.Request]]) -> tuple[bytes, list[int]]:
    """Return requests as one frame; where that is too long, one by one, and who does not fit."""
    try:
        return frame(items), []
    except FrameError:
        if len(items) == 1:
            return b"", [items[0][0]]
    each = [frames([item]) for item in items]
    return b"".join(data for data, _ in each), [number for _, unfit in each for number in unfit]


def read_requests(payload: bytes) -> list[tuple[int, c.Request | None]]:
    """Return the requests of a payload; None for one that does not fit its type."""
    return [(number, _one(_requests, name, body)) for number, name, body in _split(payload)]


def read_answers(payload: bytes) -> list[tuple[int, c.Answer | None]]:
    """Return the answers of a payload; None for one that does not fit its type."""
    return [(number, _one(_answers, name, body)) for number, name, body in _split(payload)]


def _split(payload: bytes) -> _Items:
    try:
        found = _items.decode(payload)
    except _UNREADABLE:
        raise FrameError("frame content") from None
    if len(found) > ITEMS_MAX:
        raise FrameError("too many items")
    return found


def _one(
    decoders: dict[str, msgspec.msgpack.Decoder[Item]], name: str, body: msgspec.Raw
) -> Item | None:
    decoder = decoders.get(name)
    if decoder is None:
        return None
    try:
        return decoder.decode(body)
    except _UNREADABLE:
        return None
