"""The two ways of a link's connection: bytes in become frames, queued messages become bytes.

A shell, and the place where a link's framing and dialect meet. Each function runs until the
connection is of no more use and returns why. What frames mean and who waits is acquirers.py.
"""

from collections.abc import Callable, Mapping
from typing import Final

import trio

from pointsman.codecs.codec import Codec, Message
from pointsman.codecs.errors import FrameError
from pointsman.codecs.framing import Envelope, Framing
from pointsman.codecs.header import HeaderKind
from pointsman.switch.linkmetrics import LinkMetrics
from pointsman.switch.traffic import Traffic
from pointsman.switch.wire import Wire

WRITE_STALL_S: Final = 10.0  # a peer that reads nothing for so long is dropped
_TPDU: Final = b"\x60\x00\x00\x00\x00"  # where a framing wants one: transaction data, no addresses
_LOST: Final = "connection lost"


class Wake:
    """Wakes the writer; set before it waits, it does not wait."""

    def __init__(self) -> None:
        self._event = trio.Event()

    def set(self) -> None:
        """Something is queued."""
        self._event.set()

    async def wait(self) -> None:
        """Wait until something is queued."""
        await self._event.wait()
        self._event = trio.Event()


class HostFrames:
    """Messages of one acquirer in its dialect and framing; raises ValueError for headers."""

    def __init__(self, codec: Codec, framing: Framing) -> None:
        if framing.header is not HeaderKind.NONE or framing.monitor_size:
            raise ValueError(f"framing {framing.name} cannot be used on an acquirer link yet")
        self._codec = codec
        self.framing = framing
        self._envelope = Envelope(_TPDU if framing.tpdu else b"", b"", b"")

    def wrap(self, body: bytes) -> bytes:
        """Return the wire bytes of a message body."""
        return self.framing.close(self._envelope, body)

    def say(self, mti: str, fields: Mapping[int, str]) -> bytes:
        """Return the wire bytes of a network message."""
        return self.wrap(self._codec.encode(mti, fields))

    def message(self, frame: bytes) -> Message:
        """Return the message of a frame; raises DecodeError."""
        return self._codec.decode(self.framing.open(frame).body)


async def read_frames(
    wire: Wire, frames: HostFrames, metrics: LinkMetrics, on_frame: Callable[[bytes], None]
) -> str:
    """Hand over every frame that arrives; return why no more will."""
    reader = frames.framing.reader()
    try:
        while data := await wire.receive():
            metrics.received(len(data))
            for frame in reader.feed(data):
                on_frame(frame)
    except FrameError as error:
        for frame in error.frames:
            on_frame(frame)
        return "framing"
    except OSError:
        return _LOST
    return "closed by peer"


async def write_queued(wire: Wire, traffic: Traffic, metrics: LinkMetrics, wake: Wake) -> str:
    """Write what is queued, all that waits in one go; return why no more can be."""
    try:
        while True:
            data = traffic.gather(trio.current_time())
            if not data:
                await wake.wait()
                continue
            count = wire.send_some(data)
            metrics.sent(count)
            for expected in traffic.handed_over(count, trio.current_time()):
                metrics.message("out", expected.mti)
            if count == len(data):
                await trio.lowlevel.checkpoint()
                continue
            with trio.move_on_after(WRITE_STALL_S) as stalled:
                await wire.wait_writable()
            if stalled.cancelled_caught:
                return "peer does not read"
    except OSError:
        return _LOST
