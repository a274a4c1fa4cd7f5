"""One question to an acquirer that its asker waits for: what came of it, and whether it is proven.

A shell over one session's link. For what is rare: reversals, advices, orders, queries, totals. A
payment's own message goes by hostcalls.py, which waits in no task.
"""

from typing import Protocol

import trio

from pointsman.codecs.codec import Message
from pointsman.switch.hostseal import HostSeal
from pointsman.switch.traffic import Answered, HostRequest, HostResult, OnResult


class Carrier(Protocol):
    """What takes a message for an acquirer."""

    def send(self, request: HostRequest, done: OnResult) -> None:
        """Queue a message; `done` is called exactly once."""


async def ask(link: Carrier, request: HostRequest) -> HostResult:
    """Send and wait; the link's own timer ends the wait."""
    results: list[HostResult] = []
    came = trio.Event()

    def done(result: HostResult) -> None:
        results.append(result)
        came.set()

    link.send(request, done)
    await came.wait()
    return results[0]


async def proven_answer(link: Carrier, seal: HostSeal, request: HostRequest) -> Message | None:
    """Return the answer; None where nothing was heard that is proven to be the acquirer's."""
    result = await ask(link, request)
    if not isinstance(result, Answered):
        return None
    return result.message if await seal.mac_is_right(result.message) else None
