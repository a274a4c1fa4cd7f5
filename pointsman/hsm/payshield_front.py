"""The socket side of the host command front: two bytes of length, a fixed header, a command.

The commands are ``hostcommands``'; the listener belongs to ``server``, which starts it only when
asked to. A frame that breaks its limits ends the connection; bad data in it gets an error number.
"""

from pointsman.hsm.hostcommands import Front
from pointsman.hsm.hostfields import MESSAGE_SIZE_MAX
from pointsman.hsm.wire import FrameError


class HostReader:
    """Collects bytes and gives back whole messages, header included."""

    __slots__ = ("_buffer", "_header_size")

    def __init__(self, header_size: int) -> None:
        self._buffer = bytearray()
        self._header_size = header_size

    def feed(self, data: bytes) -> list[bytes]:
        """Add ``data``; return every message that is now whole. Raises FrameError."""
        buffer = self._buffer
        buffer += data
        messages = []
        while len(buffer) >= 2:  # noqa: PLR2004  (the length's own size)
            size = int.from_bytes(buffer[:2])
            if not self._header_size + 2 <= size <= MESSAGE_SIZE_MAX:
                raise FrameError("host message length")
            if len(buffer) - 2 < size:
                break
            messages.append(bytes(buffer[2 : 2 + size]))
            del buffer[: 2 + size]
        return messages


def answer_frame(front: Front, header_size: int, message: bytes) -> bytes:
    """Return the framed answer to a message; header and trailer come back as they were."""
    header, command = message[:header_size], message[header_size:]
    body, mark, trailer = command.partition(b"\x19") if _is_text(command) else (command, b"", b"")
    answer = header + front.answer(body) + mark + trailer
    return len(answer).to_bytes(2) + answer


def _is_text(command: bytes) -> bool:
    # Binary data may hold the trailer's mark: only commands without any are searched for it.
    return command.isascii() and command[:2] not in (b"M6", b"M8", b"KQ", b"B2")
