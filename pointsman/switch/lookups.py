"""What a payment asks of the store outside its two commits: originals, terminals, first copies.

Each question is a task of its own, since it is rare; its answer goes back to the conductor by
callback. Bounded: beyond `LOOKUPS_MAX` at once a question is answered `AWAY`. What is owed
because nothing could be told is kept here until the journal takes it.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio

from pointsman import log
from pointsman.store.parties import Terminal
from pointsman.store.records import RequestKey, State, Transaction
from pointsman.store.verbs import Records, StoreUnavailableError
from pointsman.switch.requests import OriginalReference

T = TypeVar("T")

LOOKUPS_MAX = 500  # questions at once; each holds one request of a terminal
DEBTS_MAX = 10_000  # transactions in doubt that could not be written yet
REREAD_S = 0.2  # a terminal is read again at most once in this time
_REREADS_KEPT = 10_000
_POLL_FIRST_S = 0.05  # switch-rules 2: a repeat polls its first copy, quickly and then slowly
_POLL_S = 0.2
_DEBT_RETRY_S = 1.0


class Away:
    """The store could not be asked, which is not the same as a no."""


AWAY = Away()
OnTerminal = Callable[[Terminal | Away | None], None]


class Lookups:
    """Questions to the store, each with its callback; owned by one worker."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._nursery: trio.Nursery | None = None
        self._busy = 0
        self._reread_at: dict[tuple[str, str], float] = {}
        self._readers: dict[tuple[str, str], list[OnTerminal]] = {}
        self._rereaders: dict[tuple[str, str], list[OnTerminal]] = {}
        self._promoting: set[tuple[str, str, int]] = set()
        self._debts: deque[tuple[bytes, str, Callable[[bool], None]]] = deque()
        self._debt = trio.Event()

    @property
    def debts(self) -> int:
        """How many transactions wait for the journal to note that they are in doubt."""
        return len(self._debts)

    async def run(self) -> None:
        """Serve questions until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await self._pay_debts()

    def original(
        self,
        mid: str,
        tid: str,
        reference: OriginalReference,
        hold_of: bytes | None,
        done: Callable[[Transaction | Away | None], None],
    ) -> None:
        """Find what a follow-up speaks of: by batch and STAN of this terminal, else by RRN.

        With `hold_of`, a card's token: what is held for it under the approval code at that date.
        """

        async def find() -> Transaction | None:
            if reference.id:
                known = await self._records.by_id(reference.id)
                return known if known is not None and known.key.mid == mid else None
            if hold_of is not None:
                return await self._records.by_hold(
                    mid, hold_of, reference.auth_code, reference.date
                )
            key = RequestKey(mid, tid, reference.batch, reference.stan)
            found = await self._records.by_key(key)
            if found is None and reference.rrn.strip():
                found = await self._records.by_rrn(mid, reference.rrn)
            return found

        self._ask(find, done)

    def terminal(
        self,
        mid: str,
        tid: str,
        done: OnTerminal,
        *,
        again: bool = False,
    ) -> None:
        """Read one terminal, once for all of its requests that ask meanwhile.

        To read it `again` waits until `REREAD_S` after the last time. Whoever asks before such a
        reading begins shares it: another worker may have signed the terminal in, and each of its
        requests here has to see that, not the first one alone.
        """
        name = (mid, tid)
        if not again:
            if name in self._readers:
                self._readers[name].append(done)
                return
            self._readers[name] = [done]
            self._ask(
                lambda: self._records.terminal(mid, tid),
                lambda found: _tell(self._readers.pop(name), found),
            )
            return
        if name in self._rereaders:
            self._rereaders[name].append(done)
            return

        async def read() -> Terminal | None:
            await trio.sleep_until(self._reread_at.get(name, -REREAD_S) + REREAD_S)
            sharing.extend(self._rereaders.pop(name))
            if len(self._reread_at) >= _REREADS_KEPT:
                self._reread_at.clear()
            self._reread_at[name] = trio.current_time()
            return await self._records.terminal(mid, tid)

        def share(found: Terminal | Away | None) -> None:
            if not sharing:  # there were too many questions: it did not begin
                sharing.extend(self._rereaders.pop(name))
            _tell(sharing, found)

        sharing: list[OnTerminal] = []
        self._rereaders[name] = [done]
        self._ask(read, share)

    def first_copy(
        self, first: bytes, deadline: float, done: Callable[[Transaction | Away | None], None]
    ) -> None:
        """Wait until a first copy in another worker has its outcome, at most until `deadline`."""

        async def poll() -> Transaction | None:
            pause_s = _POLL_FIRST_S
            while trio.current_time() + pause_s < deadline:
                await trio.sleep(pause_s)
                found = await self._records.by_id(first)
                if found is None or found.state is not State.SENDING:
                    return found
                pause_s = _POLL_S
            return None

        self._ask(poll, done)

    def claim(self, first: bytes, done: Callable[[bool | Away], None]) -> None:
        """Note that a further copy is told this approval; False where it does not stand."""
        self._ask(lambda: self._records.claim(first), done)

    def promote(self, mid: str, tid: str, number: int, done: Callable[[], None]) -> None:
        """Note that a pending key set was seen in use; `done` is called once that is durable.

        Each request of a busy terminal says so until then: it is written once.
        """
        name = (mid, tid, number)
        if name in self._promoting:
            return

        async def promote() -> None:
            await self._records.promote(mid, tid, number)

        def noted(answer: Away | None) -> None:
            self._promoting.discard(name)
            if answer is None:
                done()

        self._promoting.add(name)
        self._ask(promote, noted)

    def owe(
        self, transaction: bytes, reason: str, done: Callable[[bool], None] = lambda _: None
    ) -> None:
        """Owe what undoes this transaction as soon as the journal can write it; then call `done`.

        With False where the store refuses: a connection, here or in another worker, took its
        approval, or there is nothing to undo.
        """
        if len(self._debts) >= DEBTS_MAX:
            # The row is still in state sending: the sweep of overdue rows and recovery find it.
            log.get().error("debt_not_kept", limit=DEBTS_MAX, reason="too many in doubt")
            done(False)
            return
        self._debts.append((transaction, reason, done))
        self._debt.set()

    def _ask(self, question: Callable[[], Awaitable[T]], done: Callable[[T | Away], None]) -> None:
        if self._nursery is None or self._busy >= LOOKUPS_MAX:
            done(AWAY)
            return
        self._busy += 1
        self._nursery.start_soon(self._answer, question, done)

    async def _answer(
        self, question: Callable[[], Awaitable[T]], done: Callable[[T | Away], None]
    ) -> None:
        answer: T | Away = AWAY
        try:
            answer = await question()
        except StoreUnavailableError:
            log.get().warning("lookup_failed", reason="store unavailable")
        finally:
            self._busy -= 1
        done(answer)

    async def _pay_debts(self) -> None:
        while True:
            await self._debt.wait()
            self._debt = trio.Event()
            while self._debts:
                transaction, reason, done = self._debts[0]
                try:
                    owed = await self._records.owe(transaction, reason)
                except StoreUnavailableError:
                    await trio.sleep(_DEBT_RETRY_S)
                    continue
                self._debts.popleft()
                done(owed)


def _tell(asked: list[OnTerminal], found: Terminal | Away | None) -> None:
    for done in asked:
        done(found)
