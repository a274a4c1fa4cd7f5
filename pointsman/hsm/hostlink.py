"""One connection to a hardware HSM: host commands out, answers matched by their header.

Layouts are in ``hostclient``; which requests become which commands is ``payshield``'s.
"""

from collections.abc import Awaitable, Callable

import trio

from pointsman.hsm import hostclient
from pointsman.hsm.commands import HsmUnavailable

HEADER_SIZE = 4  # the usual one; a number of the connection's own stands in it
HEADER_SIZE_MIN, HEADER_SIZE_MAX = 2, 255  # two digits number what is in flight
FAILURES_MAX = 3  # connections in a row that failed: then nobody waits for the next
ANSWER_SIZE_MAX = 32_768
IN_FLIGHT_MAX = 64  # a hardware HSM answers some hundred a second a connection
RECONNECT_S = 0.5

Dial = Callable[[], Awaitable[trio.abc.Stream]]


class HostLink:
    """One connection to the hardware: commands out, answers matched by their header."""

    def __init__(self, dial: Dial, header_size: int = HEADER_SIZE) -> None:
        if not HEADER_SIZE_MIN <= header_size <= HEADER_SIZE_MAX:
            raise ValueError("header size")
        self._dial = dial
        self._header_size = header_size
        self._failures = 0
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
                self._failures = 0
                self.up.set()
                async with self._stream:
                    await self._read(self._stream)
            except (OSError, trio.BrokenResourceError, trio.ClosedResourceError, ValueError):
                self._failures += 1
            self._stream, self.up = None, trio.Event()
            waiting, self._waiting = self._waiting, {}
            for event, _ in waiting.values():
                event.set()
            await trio.sleep(RECONNECT_S)

    async def ask(self, command: bytes) -> hostclient.HostAnswer:
        """Send a command and wait for its answer; raises HsmUnavailable."""
        if self._stream is None and self._failures >= FAILURES_MAX:
            raise HsmUnavailable("the hardware HSM is away")
        async with self._slots:
            await self.up.wait()
            stream = self._stream
            if stream is None:
                raise HsmUnavailable("the hardware HSM is not connected")
            self._number = (self._number + 1) % 10 ** min(self._header_size, HEADER_SIZE)
            header = f"{self._number:0{self._header_size}d}".encode()
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
        buffer, head = bytearray(), self._header_size
        while data := await stream.receive_some(65_536):
            buffer += data
            while len(buffer) >= 2:  # noqa: PLR2004  (the length's own size)
                size = int.from_bytes(buffer[:2])
                if not head < size <= ANSWER_SIZE_MAX:
                    raise ValueError("answer length")
                if len(buffer) - 2 < size:
                    break
                header = bytes(buffer[2 : 2 + head])
                if found := self._waiting.get(header):
                    found[1].append(bytes(buffer[2 + head : 2 + size]))
                    found[0].set()
                del buffer[: 2 + size]
