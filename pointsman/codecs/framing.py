"""Framing: the length before a message, the TPDU and the headers between length and message.

A profile is one row of data; a reader cuts a stream by it, a profile opens a frame into an
envelope and closes an answer. Lengths are lengths.py's, headers header.py's. How long a half frame
may wait is the connection's business: nothing here knows of time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.header import HeaderKind, answer_header, check_header, seal_header
from pointsman.codecs.lengths import PREFIX_SIZE, LengthKind, read_length, write_length

SIZE_MAX: Final = 4096  # real messages stay below 1100 bytes
TPDU_SIZE: Final = 5
TPDU_IDENTIFIER: Final = 0x60  # transaction data


class Envelope(Struct, frozen=True):
    """A frame taken apart: TPDU and headers as received (empty where absent), and the message."""

    tpdu: bytes
    header: bytes
    body: bytes
    monitor: bytes = b""

    def __repr__(self) -> str:
        return f"Envelope(tpdu={self.tpdu.hex()}, header={len(self.header)} bytes, body=...)"


@dataclass(frozen=True, slots=True)
class Framing:
    """One framing profile: how frames of a connection are cut, opened and closed.

    ``inclusive`` says that the length counts its own bytes. ``monitor_size`` and
    ``monitor_starts`` describe the header that old access controllers insert behind the TPDU.
    """

    name: str
    title: str
    length: LengthKind
    inclusive: bool = False
    tpdu: bool = False
    monitor_size: int = 0
    monitor_starts: bytes = b""
    header: HeaderKind = HeaderKind.NONE
    size_max: int = SIZE_MAX

    def reader(self) -> "FrameReader":
        """Return a new reader for one connection."""
        return FrameReader(self)

    def open(self, frame: bytes) -> Envelope:
        """Take a whole frame (without its length) apart; raises DecodeError."""
        start = 0
        tpdu = monitor = b""
        if self.tpdu:
            tpdu = frame[:TPDU_SIZE]
            if len(tpdu) < TPDU_SIZE:
                raise DecodeError("frame ends inside the TPDU", offset=len(frame))
            if tpdu[0] != TPDU_IDENTIFIER:
                raise DecodeError("TPDU identifier is not 60", offset=0)
            start = TPDU_SIZE
        if self.monitor_size:
            end = start + self.monitor_size
            monitor = frame[start:end]
            if len(monitor) < self.monitor_size:
                raise DecodeError("frame ends inside the monitor header", offset=len(frame))
            if not monitor.startswith(self.monitor_starts):
                raise DecodeError("monitor header does not begin as agreed", offset=start)
            start = end
        header = frame[start : start + self.header.size]
        check_header(self.header, header, start)
        return Envelope(tpdu, header, frame[start + self.header.size :], monitor)

    def close(self, envelope: Envelope, body: bytes) -> bytes:
        """Return the whole wire bytes of ``body`` under the envelope's TPDU and headers."""
        inner = envelope.tpdu + envelope.monitor if self.tpdu else envelope.monitor
        if self.header is not HeaderKind.NONE:
            inner += seal_header(self.header, envelope.header, len(body))
        inner += body
        if len(inner) > self.size_max:
            raise ValueError(f"frame of {len(inner)} bytes, {self.name} carries {self.size_max}")
        return write_length(self.length, self.inclusive, len(inner)) + inner

    def reply(self, envelope: Envelope, body: bytes, requirement: int = 0) -> bytes:
        """Return the wire bytes of an answer: addresses swapped, header digit 6 set.

        ``requirement`` is the processing requirement, 0 to 9 (the switch's request for sign-in,
        downloads and so on); profiles without the 6-byte header ignore it.
        """
        tpdu = envelope.tpdu
        answer = Envelope(
            tpdu[:1] + tpdu[3:5] + tpdu[1:3],
            answer_header(self.header, envelope.header, requirement),
            body,
            envelope.monitor,
        )
        return self.close(answer, body)


class FrameReader:
    """Collects bytes as they arrive and gives back the frames that are whole."""

    __slots__ = ("_buffer", "_framing", "_prefix_size")

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._prefix_size = PREFIX_SIZE[framing.length]
        self._buffer = b""

    @property
    def pending(self) -> int:
        """Count of bytes that wait for the rest of their frame; 0 between frames."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Add ``data``; return every frame that is now whole, oldest first; raises FrameError."""
        buffer = self._buffer + data if self._buffer else bytes(data)
        framing, size = self._framing, self._prefix_size
        frames: list[bytes] = []
        start, end = 0, len(buffer)
        while end - start >= size:
            length = read_length(framing.length, framing.inclusive, buffer[start : start + size])
            if not 0 < length <= framing.size_max:
                self._buffer = b""
                reason = "length is not to be read" if length < 0 else "length is zero or too large"
                raise FrameError(reason, tuple(frames))
            if end - start < size + length:
                break
            start += size
            frames.append(buffer[start : start + length])
            start += length
        self._buffer = buffer[start:]
        return frames


_ROWS = (
    Framing(
        "tpdu-header",
        "length 2, TPDU, 6-byte header",
        LengthKind.BINARY2,
        tpdu=True,
        header=HeaderKind.CUP6,
    ),
    Framing("tpdu", "length 2, TPDU", LengthKind.BINARY2, tpdu=True),
    Framing("len2", "length 2", LengthKind.BINARY2),
    Framing("ascii4", "4 ASCII digits", LengthKind.ASCII4),
    Framing("bcd2", "4 digits in 2 bytes", LengthKind.BCD2),
    Framing("len4", "length 4", LengthKind.BINARY4),
    Framing(
        "tpdu-header-inclusive",
        "length 2 that counts itself, TPDU, 6-byte header",
        LengthKind.BINARY2,
        inclusive=True,
        tpdu=True,
        header=HeaderKind.CUP6,
    ),
    Framing(
        "tpdu-inclusive",
        "length 2 that counts itself, TPDU",
        LengthKind.BINARY2,
        inclusive=True,
        tpdu=True,
    ),
    Framing("len2-inclusive", "length 2 that counts itself", LengthKind.BINARY2, inclusive=True),
    Framing(
        "ascii4-inclusive",
        "4 ASCII digits that count themselves",
        LengthKind.ASCII4,
        inclusive=True,
    ),
    Framing("bcd2-inclusive", "4 digits that count themselves", LengthKind.BCD2, inclusive=True),
    Framing("len4-inclusive", "length 4 that counts itself", LengthKind.BINARY4, inclusive=True),
    Framing("ascii4-tpdu", "4 ASCII digits, TPDU", LengthKind.ASCII4, tpdu=True),
    Framing("bcd2-tpdu", "4 digits in 2 bytes, TPDU", LengthKind.BCD2, tpdu=True),
    Framing(
        "ascii4-tpdu-header",
        "4 ASCII digits, TPDU, 6-byte header",
        LengthKind.ASCII4,
        tpdu=True,
        header=HeaderKind.CUP6,
    ),
    Framing(
        "bcd2-tpdu-header",
        "4 digits in 2 bytes, TPDU, 6-byte header",
        LengthKind.BCD2,
        tpdu=True,
        header=HeaderKind.CUP6,
    ),
    Framing(
        "dial14",
        "length 2, TPDU, 14-byte monitor header, 6-byte header",
        LengthKind.BINARY2,
        tpdu=True,
        monitor_size=14,
        header=HeaderKind.CUP6,
    ),
    Framing(
        "dial33",
        "length 2, TPDU, 33-byte monitor header, 6-byte header",
        LengthKind.BINARY2,
        tpdu=True,
        monitor_size=33,
        monitor_starts=b"LRI\x00\x1c",
        header=HeaderKind.CUP6,
    ),
    Framing(
        "visa",
        "length 2 and 2 zeros, 22-byte header",
        LengthKind.BINARY2_ZERO2,
        header=HeaderKind.VISA22,
    ),
    Framing(
        "cups46", "4 ASCII digits, 46-byte header", LengthKind.ASCII4, header=HeaderKind.CUPS46
    ),
    Framing(
        "base24", "length 2, 12-character literal", LengthKind.BINARY2, header=HeaderKind.BASE24
    ),
)
FRAMINGS: Final[Mapping[str, Framing]] = MappingProxyType({row.name: row for row in _ROWS})


def get_framing(name: str) -> Framing:
    """Return the profile of that name; raises KeyError with the names there are."""
    try:
        return FRAMINGS[name]
    except KeyError:
        raise KeyError(f"no framing {name!r}; there are {', '.join(FRAMINGS)}") from None
