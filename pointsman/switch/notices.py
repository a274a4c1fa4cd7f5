"""What an acquirer says that nobody waits for, on its way to the journal: late answers, cut-overs.

A shell with one bounded queue. What an answer meant for its transaction decides the store
(schema/0007_notices.sql); nobody is ever told it (P6). Who hears it first is acquirers.py; what
acquirers told other workers is read here (schema/0036_cut_overs.sql).
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

import trio

from pointsman import log
from pointsman.codecs.codec import Message
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch import responses
from pointsman.switch.inflight import Expected, Reason

WAITING_MAX: Final = 10_000  # notices while the database is away; beyond it they are only logged
RETRY_S: Final = 1.0
DATES_S: Final = 10.0
"""How often settlement dates are read: so long a worker may send with the date of before."""
_APPROVALS: Final = frozenset({responses.APPROVED, responses.PARTIAL})
_REVERSAL_CLASS: Final = "4"  # second digit of 0400, 0420: its 00 approves no money


class NoticeRecords(Protocol):
    """The verbs of store/verbs.py (Records) that are needed here."""

    async def late_answer(  # noqa: D102 (said in store/verbs.py, as the other)
        self,
        id: bytes,  # noqa: A002
        code: str,
        reason: str,
        *,
        approves: bool,
    ) -> bool: ...

    async def cut_over(self, acquirer: str, settlement_date: str) -> None: ...  # noqa: D102

    async def settlement_dates(self) -> Mapping[str, str]: ...  # noqa: D102


class Notices:
    """Writes notices one after the other; `owed` is called where one brought a debt."""

    def __init__(self, records: NoticeRecords, owed: Callable[[], None]) -> None:
        self._records = records
        self._owed = owed
        self.dates: dict[str, str] = {}  # settlement dates (MMDD) that acquirers named, by name
        self._waiting: deque[Callable[[], Awaitable[None]]] = deque()
        self._news = trio.Event()

    def late(self, message: Message, expected: Expected | None, reason: Reason) -> None:
        """Take an answer that was given to nobody; one of which nothing is known is logged only."""
        if expected is None or not expected.reference:
            return
        code = message.get(39) or ""
        approves = code in _APPROVALS and expected.mti[1] != _REVERSAL_CLASS
        self._add(partial(self._note_late, expected.reference, code, reason.value, approves))

    def day(self, acquirer: str, settlement_date: str) -> None:
        """Take the word of an acquirer that its next settlement date (MMDD) has begun."""
        log.get().info("acquirer_cut_over", acquirer=acquirer, date=settlement_date)
        self.dates[acquirer] = settlement_date
        self._add(partial(self._records.cut_over, acquirer, settlement_date))

    async def run(self) -> None:
        """Write what comes until cancelled; while the database is away it waits."""
        while True:
            await self._news.wait()
            self._news = trio.Event()
            while self._waiting:
                try:
                    await self._waiting[0]()
                except StoreUnavailableError:
                    await trio.sleep(RETRY_S)
                    continue
                self._waiting.popleft()

    async def follow(self) -> None:
        """Take over what acquirers told other workers, or us before we began, until cancelled."""
        while True:
            with suppress(StoreUnavailableError):
                dates = await self._records.settlement_dates()
                if not self._waiting:  # else the newest word is ours, and not written yet
                    self.dates.update(dates)
            await trio.sleep(DATES_S)

    def _add(self, notice: Callable[[], Awaitable[None]]) -> None:
        if len(self._waiting) >= WAITING_MAX:
            log.get().error("notice_not_kept", limit=WAITING_MAX)
            return
        self._waiting.append(notice)
        self._news.set()

    async def _note_late(self, id_: bytes, code: str, reason: str, approves: bool) -> None:
        if await self._records.late_answer(id_, code, reason, approves=approves):
            self._owed()
