"""One simulated terminal at work: signs in, makes transactions, repeats and reverses what it owes.

A shell. Nothing leaves before its row is on the disk, nothing is acted on before the answer's row
is. Which transaction comes next is flows.py, its bytes pos_messages.py, the memory device.py, the
connection terminal_session.py; closing a batch is settling.py, many terminals together fleet.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import trio
from msgspec.structs import replace

from pointsman.effects import Effects
from pointsman.sim import flows, nii_settling, ordering, pos_answers, pos_management
from pointsman.sim.copies import both
from pointsman.sim.device import Device
from pointsman.sim.fetching import fetch
from pointsman.sim.flow_names import Flow
from pointsman.sim.items import Item
from pointsman.sim.ledger import Ledger
from pointsman.sim.pos_answers import APPROVALS, UNDO_SETTLED, Verdict
from pointsman.sim.pos_types import TYPES
from pointsman.sim.tally import Done, Tally
from pointsman.sim.terminal_link import Address, Answered
from pointsman.sim.terminal_options import Dialect, Identity, TerminalOptions
from pointsman.sim.terminal_rows import (
    Asked,
    Pin,
    Repeated,
    SignedIn,
    Started,
    TerminalRow,
    UndoDue,
    UndoTried,
)
from pointsman.sim.terminal_session import RETRY_S, Session

# No answer, or one that says that nothing was written down: a repeat of it is a first copy.
NOT_JOURNALED: Final = frozenset({"", "96"})
REFUND_RETRY_S: Final = 2.0
CHIP_RANDOM_SIZE: Final = 12


@dataclass(slots=True)
class TerminalSim:
    """One running simulated terminal; ``draw`` gives chance, ``report`` hears of each result."""

    identity: Identity
    options: TerminalOptions
    address: Address
    ledger: Ledger[TerminalRow]
    draw: flows.Draw
    tally: Tally
    report: Callable[[Done], None]
    effects: Effects = field(default_factory=Effects)
    device: Device = field(init=False)
    session: Session = field(init=False)
    _owing: trio.Lock = field(default_factory=trio.Lock)
    _in_flight: set[tuple[str, str]] = field(default_factory=set)
    _refund_tried_at: float = -1e9

    def __post_init__(self) -> None:
        self.device = Device(self.identity.mid, self.identity.tid)
        self.session = Session(
            self.identity, self.options, self.address, self.device, self._signed_in
        )

    # -- what the fleet calls

    async def recover(self) -> None:
        """Begin after the rows of the file were applied: what is unanswered is to be reversed."""
        row = Started(self.at(), self.identity.mid, self.identity.tid)
        await self.write(row)
        for item in self.device.unanswered():
            await self._undo_unless_resent(item.asked, "98")

    async def transact(self, flow: Flow) -> None:
        """Do one flow from its request to its answer; owed reversals go first."""
        await self.session.sign_in()
        await self.clear_owed(refunds=False)
        if self.device.settling and not await nii_settling.finish(self, self._owing):
            return
        started_at = trio.current_time()
        match flow:
            case Flow.ECHO:
                code = await self.session.echo()
                self.report(self._done(flow, None, code, started_at))
            case Flow.DOWNLOAD:
                code = await fetch(self.session, self.device)
                self.report(self._done(flow, None, code, started_at))
            case Flow.SIGN_OFF:
                mti, fields = pos_management.sign_off(self.device, self.device.next_stan())
                answer = await self.session.manage(mti, fields)
                self.session.want_sign_in()
                code = (answer.get(39) or "") if answer else ""
                self.report(self._done(flow, None, code, started_at))
            case _:
                await self._money(flow, started_at)

    async def clear_owed(self, *, refunds: bool) -> None:
        """Try once to reverse what is owed; with ``refunds`` repeat undecided refunds too."""
        if not self.owes:
            return
        async with self._owing:
            for item in self.device.owed_reversals():
                await self._reverse(item)
            due = trio.current_time() - self._refund_tried_at >= REFUND_RETRY_S
            if refunds or due:
                for item in self.device.refunds_to_repeat():
                    if item.key not in self._in_flight:
                        self._refund_tried_at = trio.current_time()
                        await self._ask_money(item.asked, None, trio.current_time())
                for item in self.device.orders_to_ask():
                    if item.key not in self._in_flight:
                        self._refund_tried_at = trio.current_time()
                        await ordering.end(self, item.key)

    @property
    def owes(self) -> bool:
        """Whether a reversal, or an undecided refund or order, is still open."""
        device = self.device
        return bool(device.owed_reversals() or device.refunds_to_repeat() or device.orders_to_ask())

    @property
    def in_flight(self) -> int:
        """How many money requests wait for their answer."""
        return len(self._in_flight)

    async def write(self, row: TerminalRow) -> None:
        """Take a row into the memory and put it on the disk."""
        self.device.apply(row)
        await self.ledger.write(row)

    def at(self) -> str:
        """Return the time for a row: UTC text."""
        return self.effects.now().isoformat(timespec="milliseconds")

    # -- one request

    async def _money(self, flow: Flow, started_at: float) -> None:
        asked = flows.request(flow, self.device, self.draw, self.at())
        if self.options.dialect is Dialect.NII and not self.identity.pik:
            asked = replace(asked, pin=Pin.NONE)  # no key for one
        self._in_flight.add((asked.batch, asked.stan))
        try:
            await self.write(asked)
            await self._ask_money(asked, flow, started_at)
        finally:
            self._in_flight.discard((asked.batch, asked.stan))

    async def _ask_money(self, asked: Asked, flow: Flow | None, started_at: float) -> None:
        """Send a request that is on the disk and act on its answer; ``flow`` None: once more."""
        # What a chip says of a payment is the same in every copy of it, after a power cut, too.
        about = f"{asked.tid}/{asked.batch}/{asked.stan}/{asked.at}".encode()
        chip_random = sha256(about).digest()[:CHIP_RANDOM_SIZE]
        mti, fields, body = self.session.request(asked, chip_random)
        second: Answered | None = None
        if flow is Flow.RACE:
            answered, second = await both(self.session, mti, asked.stan, body)
        else:
            answered = await self.session.exchange(mti, asked.stan, body)
        code = await self._act(asked, fields, answered, flow)
        if flow is Flow.REPEAT and code not in NOT_JOURNALED:
            second = await self.session.exchange(mti, asked.stan, body, fresh=True)
        if second is not None and answered is not None:
            agrees = self.judge(second, fields) is Verdict.TRUE and pos_answers.agree(
                answered.message, second.message, at_once=flow is Flow.RACE
            )
            await self._write_repeat(asked, second.message.get(39) or "", same=agrees)
        if flow is not None and self.device.items[asked.batch, asked.stan].order:
            code = await ordering.wait_for_payment(self, (asked.batch, asked.stan))
        self.report(self._done(flow or Flow(asked.flow), asked, code, started_at))

    async def _act(
        self, asked: Asked, fields: dict[int, str], answered: Answered | None, flow: Flow | None
    ) -> str:
        """Write down what came and what follows from it; return the code, or the empty text."""
        if answered is None:
            await self._undo_unless_resent(asked, "98")
            return ""
        message = answered.message
        match self.judge(answered, fields):
            case Verdict.NOT_OURS:
                await self._undo_unless_resent(asked, "06")
                return ""
            case Verdict.BAD_MAC:
                await self._undo_unless_resent(asked, "A0")
                return ""
            case Verdict.TRUE:
                pass
        code = message.get(39) or ""
        self.session.notice(code, answered.requirement)
        await self.write(pos_answers.told_row(asked, message, self.at()))
        if flow is Flow.REVERSAL and code in APPROVALS:
            await self._undo_due(asked, "96")
        return code

    async def _reverse(self, item: Item) -> None:
        body = self.session.reversal(item)
        answered = await self.session.exchange("0400", item.asked.stan, body)
        code = ""
        if answered is not None:
            code = answered.message.get(39) or ""
            self.session.notice(code, answered.requirement)
        asked = item.asked
        attempt, settled = item.undo_attempts + 1, code in UNDO_SETTLED
        await self.write(
            UndoTried(
                self.at(), asked.mid, asked.tid, asked.batch, asked.stan, attempt, code, settled
            )
        )
        self.tally.reversal(attempt, code, settled=settled)
        if not settled:
            await self.session.sign_in()
            await trio.sleep(RETRY_S)

    async def _write_repeat(self, asked: Asked, code: str, *, same: bool) -> None:
        row = Repeated(self.at(), asked.mid, asked.tid, asked.batch, asked.stan, code, same)
        await self.write(row)
        self.tally.repeat(same=same)

    def judge(self, answered: Answered, fields: dict[int, str]) -> Verdict:
        """Say whether an answer is ours and true."""
        return self.session.judge(answered.message, fields)

    async def _signed_in(self, code: str, batch: str) -> None:
        await self.write(SignedIn(self.at(), self.identity.mid, self.identity.tid, batch, code))

    async def _undo_unless_resent(self, asked: Asked, reason: str) -> None:
        # Refunds and advices are sent again until they are answered, never reversed (8.7); an
        # inquiry moved nothing.
        row = TYPES[asked.what]
        if not row.resent and not row.silent_ok:
            await self._undo_due(asked, reason)

    async def _undo_due(self, asked: Asked, reason: str) -> None:
        row = UndoDue(self.at(), asked.mid, asked.tid, asked.batch, asked.stan, reason)
        await self.write(row)

    def _done(self, flow: Flow, asked: Asked | None, code: str, started_at: float) -> Done:
        elapsed_ms = round((trio.current_time() - started_at) * 1000)
        done = Done.of(flow, self.device, asked, code, elapsed_ms)
        self.tally.done(done)
        return done
