"""A customer who must confirm: an answer 09 to a code is not the end, the acquirer is asked again.

A shell between a worker's payments and one acquirer's session (terminal-protocol 10.2). While the
host timer of the payment runs, a query follows every few seconds; what it brings is the payment's
answer. Without one the payment ends as silence does: 98, and its reversal cancels it at the wallet.
"""

from collections.abc import Callable
from typing import Final

import trio

from pointsman.codecs.codec import Message
from pointsman.effects import Effects
from pointsman.store.parties import Acquirer
from pointsman.switch.hostasking import proven_answer
from pointsman.switch.hosts import HostDraft, OriginalData
from pointsman.switch.hostseal import HostSeal, NotNowError
from pointsman.switch.inflight import Expected
from pointsman.switch.ports import Link, Numbers
from pointsman.switch.traffic import Answered, HostRequest, HostResult, Lane, OnResult, Silent

POLL_S: Final = 3.0
WAITING_MAX: Final = 2_000  # customers asked to confirm at one acquirer; beyond it as silence
IN_PROGRESS: Final = "09"
_INQUIRY: Final = "310000"
_SAID: Final = (12, 13, 25, 32, 37, 41, 42, 49)
_NOT_KNOWN: Final = frozenset({"", IN_PROGRESS, "68", "91", "96", "98"})

Start = Callable[..., None]
"""Starts a task that ends with the session: a nursery's `start_soon`."""


class ConfirmingLink:
    """`Link` over another: all as it is, but for codes whose customer must confirm."""

    def __init__(  # noqa: PLR0917 (the parts of one session, in one line where it is made)
        self,
        acquirer: Acquirer,
        link: Link,
        seal: HostSeal,
        stans: Numbers,
        effects: Effects,
        start: Start,
    ) -> None:
        self._acquirer = acquirer
        self._link = link
        self._seal = seal
        self._stans = stans
        self._effects = effects
        self._start = start
        self._waiting = 0

    @property
    def usable(self) -> bool:
        """See ports.Link."""
        return self._link.usable

    def send(self, request: HostRequest, done: OnResult) -> None:
        """See ports.Link."""
        if not pays_by_code(request.expected):
            self._link.send(request, done)
            return
        deadline = trio.current_time() + request.answer_s

        def first(result: HostResult) -> None:
            if not isinstance(result, Answered) or result.message.get(39) != IN_PROGRESS:
                done(result)
            elif self._waiting >= WAITING_MAX:
                done(Silent())
            else:
                self._waiting += 1
                self._start(self._pursue, request.expected, result.message, deadline, done)

        self._link.send(request, first)

    async def _pursue(
        self, asked: Expected, first: Message, deadline: float, done: OnResult
    ) -> None:
        result: HostResult = Silent()
        began = trio.current_time()
        try:
            with trio.move_on_at(deadline):
                while True:
                    await trio.sleep(POLL_S)
                    answer = await self._ask(asked, first)
                    if answer is not None and (answer.get(39) or "") not in _NOT_KNOWN:
                        result = Answered(answer, trio.current_time() - began)
                        break
        finally:
            self._waiting -= 1
            done(result)

    async def _ask(self, asked: Expected, first: Message) -> Message | None:
        """Ask once; None where nothing was heard that is proven to be the acquirer's."""
        stan = self._stans.take()
        if stan is None or not self._link.usable:
            return None
        draft = query(
            asked,
            first,
            self._acquirer.institution,
            host_stan=stan,
            host_time=f"{self._effects.now():%m%d%H%M%S}",
        )
        try:
            request = await self._seal.request(draft, Lane.REQUEST)
        except NotNowError:
            return None
        return await proven_answer(self._link, self._seal, request)


def pays_by_code(expected: Expected) -> bool:
    """Tell whether a request is a payment by a code: a sale that names no card."""
    is_sale = expected.mti == "0200" and expected.processing_code == "000000"
    return is_sale and not expected.last4


def query(
    asked: Expected, first: Message, institution: str, *, host_stan: str, host_time: str
) -> HostDraft:
    """Return the question what became of a payment; `first` is its answer, `asked` what it was."""
    fields = {number: value for number in _SAID if (value := first.get(number)) is not None}
    original = OriginalData(asked.mti, asked.host_stan, asked.host_time, institution)
    own = {3: _INQUIRY, 7: host_time, 11: host_stan, 90: original.text}
    return HostDraft("0200", fields | own)
