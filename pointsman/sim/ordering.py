"""What a simulated terminal does with an order: asks until it was paid, and closes it at the end.

A shell over the terminal that showed it (terminal-protocol 10.2). An answer that decides becomes
the order's own row; until then it is owed, over power cuts too. The order itself is asked for by
terminal.py like any payment, the messages are wallet_messages.py.
"""

from typing import Final, Protocol

import trio

from pointsman.codecs.codec import Message
from pointsman.sim import pos_answers, wallet_messages
from pointsman.sim.device import Device
from pointsman.sim.items import Item, Key
from pointsman.sim.pos_answers import APPROVALS, Verdict
from pointsman.sim.terminal_link import Answered
from pointsman.sim.terminal_options import TerminalOptions
from pointsman.sim.terminal_rows import TerminalRow, Told
from pointsman.sim.terminal_session import Session
from pointsman.sim.wallet_messages import CLOSE, QUERY

LOOKS_MAX: Final = 4  # questions before the cashier gives up and closes the order
CLOSED: Final = "05"
# What a switch says of an order that nobody paid; every other code says nothing of it.
UNPAID: Final = frozenset({CLOSED})


class Cashier(Protocol):
    """The terminal that showed the order."""

    device: Device
    session: Session
    options: TerminalOptions

    async def write(self, row: TerminalRow) -> None:
        """Take a row into the memory and put it on the disk."""

    def judge(self, answered: Answered, fields: dict[int, str]) -> Verdict:
        """Say whether an answer is ours and true."""

    def at(self) -> str:
        """Return the time for a row."""


async def wait_for_payment(terminal: Cashier, key: Key) -> str:
    """Ask every few seconds, then close it; return the code that decided, or the empty text."""
    for _ in range(LOOKS_MAX):
        await trio.sleep(terminal.options.poll_s)
        item = terminal.device.items[key]
        if not item.order:
            break
        await _ask(terminal, item)
    return await end(terminal, key)


async def end(terminal: Cashier, key: Key) -> str:
    """Close the order where it is open still; where it was paid meanwhile, ask once more."""
    item = terminal.device.items[key]
    if item.order:
        said = await _say(terminal, item, CLOSE)
        if said is not None and said.get(39) in APPROVALS:
            await _decided(terminal, item, CLOSED, said)
        elif said is not None:
            await _ask(terminal, item)
    item = terminal.device.items[key]
    return "" if item.order or item.told is None else item.told.code


async def _ask(terminal: Cashier, item: Item) -> None:
    """Ask whether it was paid and write down what decides."""
    said = await _say(terminal, item, QUERY)
    code = (said.get(39) or "") if said is not None else ""
    if said is not None and (code in APPROVALS or code in UNPAID):
        await _decided(terminal, item, code, said)


async def _say(terminal: Cashier, item: Item, mti: str) -> Message | None:
    """Send a question and return its answer where that is true, or None."""
    stan = terminal.device.next_stan()
    fields = wallet_messages.about_order(item, mti, stan)
    body = terminal.session.sealing.seal(mti, fields)
    answered = await terminal.session.exchange(mti, stan, body)
    # That it was paid is told with its amount; that it is closed, without.
    amount = {4: f"{item.asked.amount_minor:012d}"} if mti == QUERY else {}
    if answered is None or terminal.judge(answered, fields | amount) is not Verdict.TRUE:
        return None
    terminal.session.notice(answered.message.get(39) or "", answered.requirement)
    return answered.message


async def _decided(terminal: Cashier, item: Item, code: str, said: Message) -> None:
    asked, shown = item.asked, item.told
    assert shown is not None, "it has a number"
    await terminal.write(
        Told(
            at=terminal.at(),
            mid=asked.mid,
            tid=asked.tid,
            batch=asked.batch,
            stan=asked.stan,
            code=code,
            approved=code in APPROVALS,
            amount_minor=pos_answers.amount_told(said, asked.amount_minor),
            rrn=said.get(37) or shown.rrn,
            auth=said.get(38) or "",
            date=shown.date,
            order=shown.order,
        )
    )
