"""One connection to a hardware HSM: host commands out, answers matched by their header.

Layouts are in ``hostclient``; which requests become which commands is ``payshield``'s.
"""

from collections.abc import Awaitable, Callable

import trio

from pointsman.hsm import hostclient
from pointsman.hsm.commands import HsmUnavailable

HEADER_SIZE = 4
ANSWER_SIZE_MAX = 32_768
IN_FLIGHT_MAX = 64  # a hardware HSM answers some hundred a second a connection
RECONNECT_S = 0.5

Dial = Callable[[], Awaitable[trio.abc.Stream]]


class HostLink:
    """One connection to the hardware: commands out, answers matched by their header."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._stream: trio.abc.Stream | None = None
        self._waiting: dict[bytes, tuple[trio.Event, list[bytes]]] = {}
        self._number = 0
        self._sending = trio.Lock()
        self._slots = trio.CapacityLimiter(IN_FLIGHT_MAX)
        self.up = trio.Event()

    async def run(self) -> None:
        """Connect and read until cancelled."""
        while True:
            try:
                self._stream = await self._dial()
                self.up.set()
                async with self._stream:
                    await self._read(self._stream)
            except (OSError, trio.BrokenResourceError, trio.ClosedResourceError, ValueError):
                pass
            self._stream, self.up = None, trio.Event()
            waiting, self._waiting = self._waiting, {}
            for event, _ in waiting.values():
                event.set()
            await trio.sleep(RECONNECT_S)

    async def ask(self, command: bytes) -> hostclient.HostAnswer:
        """Send a command and wait for its answer; raises HsmUnavailable."""
        async with self._slots:
            await self.up.wait()
            stream = self._stream
            if stream is None:
                raise HsmUnavailable("the hardware HSM is not connected")
            self._number = (self._number + 1) % 10**HEADER_SIZE
            header = f"{self._number:0{HEADER_SIZE}d}".encode()
            event, told = trio.Event(), list[bytes]()
            self._waiting[header] = event, told
            try:
                async with self._sending:
                    message = header + command
                    await stream.send_all(len(message).to_bytes(2) + message)
                await event.wait()
            except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
                raise HsmUnavailable("the hardware HSM hung up") from None
            finally:
                self._waiting.pop(header, None)
        if not told:
            raise HsmUnavailable("the hardware HSM hung up")
        try:
            return hostclient.read_answer(command[:2].decode("ascii"), told[0])
        except ValueError:
            raise HsmUnavailable("the hardware HSM answered something else") from None

    async def _read(self, stream: trio.abc.Stream) -> None:
        buffer = bytearray()
        while data := await stream.receive_some(65_536):
            buffer += data
            while len(buffer) >= 2:  # noqa: PLR2004  (the length's own size)
                size = int.from_bytes(buffer[:2])
                if not HEADER_SIZE < size <= ANSWER_SIZE_MAX:
                    raise ValueError("answer length")
                if len(buffer) - 2 < size:
                    break
                header = bytes(buffer[2 : 2 + HEADER_SIZE])
                if found := self._waiting.get(header):
                    found[1].append(bytes(buffer[2 + HEADER_SIZE : 2 + size]))
                    found[0].set()
                del buffer[: 2 + size]
