"""How a simulated terminal closes its batch: totals, uploads, batch end, next sign-in.

A shell over pos_management.py (terminal-protocol 9 has the order). What is not answered goes again
after the round; before it begins, nothing may be owed. When a batch is closed is fleet.py's matter.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import trio

from pointsman.codecs.codec import Message
from pointsman.sim import nii_settling
from pointsman.sim import pos_management as wire
from pointsman.sim.pos_management import Request
from pointsman.sim.pos_types import TYPES, Count
from pointsman.sim.terminal import TerminalSim
from pointsman.sim.terminal_options import Dialect
from pointsman.sim.terminal_rows import Settled
from pointsman.sim.terminal_session import RETRY_S, NotSignedInError

ROUNDS_MAX: Final = 5  # of one upload; then the batch stays open and is settled again
DELIVERED: Final = frozenset({"00", "94"})


async def settle(terminal: TerminalSim, batch: str = "") -> bool:
    """Close the open batch at the switch and sign in for the next; False if it stayed open.

    With `batch` tell of one that this terminal forgot, and that the switch has replaced.
    """
    if terminal.options.dialect is Dialect.NII:
        return await nii_settling.settle(terminal)
    await terminal.session.sign_in()
    device = terminal.device
    if batch not in {"", device.left}:
        return False  # that sign-in has replaced another one, and only one is remembered
    batch = batch or device.batch
    domestic = device.totals(domestic=True, batch=batch)
    foreign = device.totals(domestic=False, batch=batch)
    answer = await _insist(terminal, wire.settlement(device, device.next_stan(), batch))
    if answer is None:
        return False
    results = wire.results_of(answer)
    if not results:
        return False
    balanced = results == wire.EQUAL * 2
    uploaded = await _upload(terminal, results, batch)
    if uploaded is None:
        return False
    end = wire.batch_end(device, device.next_stan(), uploaded, balanced=balanced, batch=batch)
    answer = await _insist(terminal, end)
    if answer is None or answer.get(39) not in DELIVERED:
        return False
    await terminal.write(
        Settled(
            at=terminal.at(),
            mid=device.mid,
            tid=device.tid,
            batch=batch,
            debit_minor=domestic.debit_minor + foreign.debit_minor,
            credit_minor=domestic.credit_minor + foreign.credit_minor,
            debit_count=domestic.debit_count + foreign.debit_count,
            credit_count=domestic.credit_count + foreign.credit_count,
            results=results,
            uploaded=uploaded,
        )
    )
    terminal.tally.settlement(results)
    terminal.session.want_sign_in()
    with suppress(NotSignedInError):  # told to stop: the next life signs in
        await terminal.session.sign_in()
    return True


async def settle_left(terminal: TerminalSim) -> bool:
    """End the batch that this terminal forgot, if it did; False if that is to be tried again."""
    left = "" if terminal.options.dialect is Dialect.NII else terminal.device.left
    return not left or await settle(terminal, left)


async def _upload(terminal: TerminalSim, results: str, batch: str) -> int | None:
    """Send details of each side that was not equal, then chip certificates; return the count."""
    device = terminal.device
    unequal = {side for side, digit in zip((True, False), results, strict=True) if digit != "1"}
    items = [item for item in device.of_batch(batch) if item.domestic in unequal]
    refunds = [item for item in items if TYPES[item.asked.what].count is Count.CREDIT]
    sales = [item for item in items if item not in refunds]
    everything = list(device.of_batch(batch))
    certificates = wire.certificate_uploads(everything, balanced=not unequal)
    requests = [
        *wire.item_uploads(device, sales, batch),
        *wire.refund_uploads(refunds),
        *certificates,
    ]
    return len(items) if await _deliver(terminal, requests) else None


async def _deliver(terminal: TerminalSim, requests: Iterable[Request]) -> bool:
    missing = list(requests)
    for _ in range(ROUNDS_MAX):
        undelivered = []
        for request in missing:
            answer = await terminal.session.manage(*request)
            if answer is None or answer.get(39) not in DELIVERED:
                undelivered.append(request)
        if not undelivered:
            return True
        missing = undelivered
        await trio.sleep(RETRY_S)
    return False


async def _insist(terminal: TerminalSim, request: Request) -> Message | None:
    for _ in range(ROUNDS_MAX):
        answer = await terminal.session.manage(*request)
        if answer is not None:
            return answer
        await trio.sleep(RETRY_S)
    return None
