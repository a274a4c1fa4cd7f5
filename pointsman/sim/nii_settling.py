"""How a simulated terminal of the international dialect closes its batch: totals, upload, trailer.

A shell over nii_messages.py (terminal-protocol 9, 13). The batch's number is the terminal's own:
the next begins when the switch says that this one is closed. No payment names its batch, so between
the totals and that answer the terminal takes none. The other dialect's is settling.py.
"""

from typing import Final, Protocol

import trio

from pointsman.codecs.codec import Message
from pointsman.sim import nii_messages as wire
from pointsman.sim.device import Device
from pointsman.sim.tally import Tally
from pointsman.sim.terminal_rows import Settled, Settling, SignedIn, TerminalRow
from pointsman.sim.terminal_session import RETRY_S, Session

ROUNDS_MAX: Final = 5
BALANCED, NEEDS_UPLOAD = "00", "95"
CLOSED_BEFORE: Final = "77"  # it was closed, and the terminal did not hear that
DELIVERED: Final = frozenset({"00", "94"})
BATCH_MAX: Final = 999_999

Request = tuple[str, dict[int, str]]


class Till(Protocol):
    """The terminal whose batch is closed."""

    device: Device
    session: Session
    tally: Tally

    async def write(self, row: TerminalRow) -> None:
        """Take a row into the memory and put it on the disk."""

    def at(self) -> str:
        """Return the time for a row."""


async def settle(terminal: Till) -> bool:
    """Close the open batch at the switch and begin the next; False if it stayed open."""
    await terminal.session.sign_in()
    device = terminal.device
    both = (device.totals(domestic=True), device.totals(domestic=False))
    if not device.settling:
        await terminal.write(Settling(terminal.at(), device.mid, device.tid, device.batch))
    code = await _insist(terminal, wire.settlement(device, wire.SETTLE))
    results, uploaded = "11", 0
    if code == NEEDS_UPLOAD:
        items = list(device.of_batch())
        results, uploaded = "22", len(items)
        for request in wire.uploads(device, items):
            if await _insist(terminal, request) not in DELIVERED:
                return False
        code = await _insist(terminal, wire.settlement(device, wire.TRAILER))
    if code not in {BALANCED, CLOSED_BEFORE}:
        return False  # a malfunction may have been met after the batch was closed
    if code == BALANCED:
        await terminal.write(
            Settled(
                at=terminal.at(),
                mid=device.mid,
                tid=device.tid,
                batch=device.batch,
                debit_minor=sum(one.debit_minor for one in both),
                credit_minor=sum(one.credit_minor for one in both),
                debit_count=sum(one.debit_count for one in both),
                credit_count=sum(one.credit_count for one in both),
                results=results,
                uploaded=uploaded,
            )
        )
        terminal.tally.settlement(results)
    following = f"{int(device.batch) % BATCH_MAX + 1:06d}"
    await terminal.write(SignedIn(terminal.at(), device.mid, device.tid, following, "00"))
    return True


async def finish(terminal: Till, lock: trio.Lock) -> bool:
    """Hear what became of a batch whose totals were sent; False if that is still not known."""
    async with lock:
        return not terminal.device.settling or await settle(terminal)


async def _insist(terminal: Till, request: Request) -> str:
    """Send until it is answered; return field 39, or the empty text."""
    for _ in range(ROUNDS_MAX):
        answer: Message | None = await terminal.session.manage(*request)
        if answer is not None:
            return answer.get(39) or ""
        await trio.sleep(RETRY_S)
    return ""
