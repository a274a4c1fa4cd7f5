"""What a worker holds of the HSM: hands over requests, batches all that wait, tells the answers.

No task for a request: each stands in a table, one task sweeps the deadlines. Several HSM processes
share the load; when one is lost its requests go to another within their deadline. After repeated
failures the circuit is open and refuses at once. What may be asked is in ``commands``.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import trio
from msgspec import Struct
from trio.abc import Stream

from pointsman.hsm.affinity import home
from pointsman.hsm.commands import Answer, HsmUnavailable, Refused, Request
from pointsman.hsm.wire import FrameError, FrameReader, frames, read_answers

BATCH_MAX = 64  # requests in one frame: bounds how long the first waits for the last
WAITING_MAX = 10_000  # requests in the table; beyond, refuse at once
CIRCUIT_FAILURES = 8  # failures in a row that open the circuit
CIRCUIT_PROBE_S = 1.0  # an open circuit lets one request through in this time
RECONNECT_MIN_S, RECONNECT_MAX_S = 0.05, 2.0
SWEEP_S = 0.02
RECEIVE_SIZE = 131_072

Done = Callable[[Answer | HsmUnavailable], None]
Started = trio.TaskStatus[None]
Dial = Callable[[str], Awaitable[Stream]]
UNFIT = Refused("malformed", "the wire cannot carry the request")
UNREADABLE = Refused("malformed", "the answer does not fit its operation")


class _Waiting(Struct, frozen=True):
    request: Request
    deadline: float
    done: Done


class _Line:
    """A connection to one HSM process: what to send, and what it owes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.up = False
        self.unsent: deque[int] = deque()
        self.owed: set[int] = set()
        self.news = trio.Event()

    def give(self, number: int) -> None:
        """Queue a request."""
        self.owed.add(number)
        self.unsent.append(number)
        self.news.set()


class HsmClient:
    """The HSM as seen from a Trio program; ``path`` may name several sockets of one HSM."""

    def __init__(
        self,
        path: str | Sequence[str],
        *,
        role: str = "switch",
        timeout_s: float = 2.0,
        dial: Dial = trio.open_unix_socket,
    ) -> None:
        paths = (path,) if isinstance(path, str) else tuple(path)
        self.role = role
        self._timeout_s = timeout_s
        self._dial = dial
        self._lines = [_Line(each) for each in paths]
        self._waiting: dict[int, _Waiting] = {}
        self._homeless: deque[int] = deque()
        self._failed: deque[tuple[Done, HsmUnavailable]] = deque()
        self._number = 0
        self._turn = 0
        self._failures = 0
        self._probe_at = 0.0
        self._work = trio.Event()

    @property
    def is_up(self) -> bool:
        """Whether a process is connected and the circuit is closed."""
        return self._failures < CIRCUIT_FAILURES and any(line.up for line in self._lines)

    @property
    def waiting(self) -> int:
        """How many requests have no answer yet."""
        return len(self._waiting)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Connect, reconnect, send, receive and sweep until cancelled.

        What is asked before a connection stands waits for it, within its deadline. What still
        waits at the end is told HsmUnavailable.
        """
        try:
            async with trio.open_nursery() as nursery:
                for line in self._lines:
                    nursery.start_soon(self._keep_up, line)
                nursery.start_soon(self._sweep)
                task_status.started()
        finally:
            for number in list(self._waiting):
                self._waiting.pop(number).done(HsmUnavailable("the client stops"))
            self._tell_failed()

    def submit(self, request: Request, deadline: float, done: Done) -> None:
        """Ask; ``done`` is called later, in the Trio thread, with the answer or HsmUnavailable.

        ``deadline`` is Trio time. Never raises, never calls ``done`` before it returns.
        """
        now = trio.current_time()
        if self._failures >= CIRCUIT_FAILURES:
            if now < self._probe_at:
                self._fail(done, "the circuit is open")
                return
            self._probe_at = now + CIRCUIT_PROBE_S
        if len(self._waiting) >= WAITING_MAX:
            self._fail(done, "too many requests wait")
            return
        self._number += 1
        self._waiting[self._number] = _Waiting(request, min(deadline, now + self._timeout_s), done)
        self._route(self._number)
        self._work.set()

    async def ask(self, request: Request, deadline: float) -> Answer:
        """Ask and wait; raises HsmUnavailable. For what is rare: a sale uses ``submit``."""
        told = trio.Event()
        answers: list[Answer | HsmUnavailable] = []

        def done(answer: Answer | HsmUnavailable) -> None:
            answers.append(answer)
            told.set()

        self.submit(request, deadline, done)
        await told.wait()
        answer = answers[0]
        if isinstance(answer, HsmUnavailable):
            raise answer
        return answer

    def _route(self, number: int) -> None:
        """Give a request to its home, or to the next line that is up; keep it until one is."""
        self._turn += 1
        count = len(self._lines)
        first = home(self._waiting[number].request, self._turn, count)
        for at in range(first, first + count):
            line = self._lines[at % count]
            if line.up:
                line.give(number)
                return
        self._homeless.append(number)

    def _fail(self, done: Done, reason: str) -> None:
        self._failed.append((done, HsmUnavailable(reason)))
        self._work.set()

    def _tell_failed(self) -> None:
        while self._failed:
            done, reason = self._failed.popleft()
            done(reason)

    async def _keep_up(self, line: _Line) -> None:
        pause_s = RECONNECT_MIN_S
        while True:
            try:
                with trio.fail_after(self._timeout_s):
                    stream = await self._dial(line.path)
            except (OSError, trio.TooSlowError):
                self._failures += 1
            else:
                pause_s = RECONNECT_MIN_S
                self._failures = 0
                line.up = True
                while self._homeless:
                    line.give(self._homeless.popleft())
                await self._talk(line, stream)
                self._lose(line)
            await trio.sleep(pause_s)
            pause_s = min(pause_s * 2, RECONNECT_MAX_S)

    async def _talk(self, line: _Line, stream: Stream) -> None:
        """Write and read until either ends."""
        async with stream, trio.open_nursery() as nursery:
            nursery.start_soon(self._write, line, stream, nursery.cancel_scope)
            await self._read(line, stream)
            nursery.cancel_scope.cancel()

    async def _write(self, line: _Line, stream: Stream, scope: trio.CancelScope) -> None:
        while True:
            if not line.unsent:
                line.news = trio.Event()
                await line.news.wait()
            numbers = [line.unsent.popleft() for _ in range(min(BATCH_MAX, len(line.unsent)))]
            batch = [(n, self._waiting[n].request) for n in numbers if n in self._waiting]
            if not batch:
                continue
            data, unfit = frames(batch)
            for number in unfit:
                self._finish(number, UNFIT)
            try:
                await stream.send_all(data)
            except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
                scope.cancel()
                return

    async def _read(self, line: _Line, stream: Stream) -> None:
        reader = FrameReader()
        try:
            while data := await stream.receive_some(RECEIVE_SIZE):
                for payload in reader.feed(bytes(data)):
                    for number, answer in read_answers(payload):
                        line.owed.discard(number)
                        self._failures = 0
                        self._finish(number, UNREADABLE if answer is None else answer)
        except (OSError, FrameError, trio.BrokenResourceError, trio.ClosedResourceError):
            return

    def _finish(self, number: int, answer: Answer | HsmUnavailable) -> None:
        if found := self._waiting.pop(number, None):  # else its deadline has passed
            found.done(answer)

    def _lose(self, line: _Line) -> None:
        """Send on what a lost line owes: nothing asked of the HSM changes anything in it."""
        line.up = False
        self._failures += 1
        owed, line.owed = line.owed, set()
        line.unsent.clear()
        for number in sorted(owed):
            if number in self._waiting:
                self._route(number)

    async def _sweep(self) -> None:
        while True:
            self._tell_failed()
            if not self._waiting:
                self._homeless.clear()
                await self._work.wait()
                self._work = trio.Event()
            now = trio.current_time()
            late = [n for n, waiting in self._waiting.items() if waiting.deadline <= now]
            for number in late:
                self._failures += 1
                for line in self._lines:
                    line.owed.discard(number)
                self._finish(number, HsmUnavailable("no answer within the deadline"))
            await trio.sleep(SWEEP_S)
