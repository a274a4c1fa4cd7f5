"""The door for terminals of the international dialect: translated, signed, handed on, told back.

A shell. Such a terminal has no MAC key: its request is signed in the HSM under a key that only this
worker has, and goes on as a message of the terminals' own dialect, by its terminal, batch and STAN,
through the same checks and the same journal. What its messages mean is nii.py. Its terminals have a
listener of their own and are for the laboratory, or behind TLS that knows them (site file).
"""

from collections.abc import Callable, Mapping
from typing import Final

import trio
from msgspec import structs

from pointsman.codecs.codec import get_codec
from pointsman.codecs.errors import DecodeError, EncodeError
from pointsman.codecs.framing import Envelope, Framing, get_framing
from pointsman.config import Timers
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import HsmUnavailable
from pointsman.store.parties import Merchant, Terminal
from pointsman.store.records import Transaction
from pointsman.store.verbs import BatchTotals, Records, SideTotals, StoreUnavailableError
from pointsman.switch import nii, nii_originals, responses
from pointsman.switch.flows import request_mti
from pointsman.switch.nii import Meant
from pointsman.switch.ownseal import OwnSeal, pin_key
from pointsman.switch.ports import Ask
from pointsman.switch.refusals import Refusals
from pointsman.switch.requests import Refusal
from pointsman.switch.siteview import SiteView

TASKS_MAX: Final = 2_000
_OWNER: Final = "worker/nii"
_CODEC: Final = get_codec("cup-bcd")
_FRAMING: Final = get_framing("tpdu-header")
_TPDU, _HEADER = bytes.fromhex("6000000000"), bytes.fromhex("603100000000")
_NO_KEYS: Final = b""

HandOn = Callable[[Ask, Terminal], None]


class NiiDesk:
    """Takes messages of the international dialect; owned by one worker."""

    def __init__(
        self,
        site: SiteView,
        refusals: Refusals,
        *,
        records: Records,
        hsm: HsmClient,
        timers: Timers,
    ) -> None:
        self._site = site
        self._refusals = refusals
        self._records = records
        self._seal = OwnSeal(_CODEC, hsm, timers, _OWNER)
        self._nursery: trio.Nursery | None = None
        self._busy = 0

    async def run(self) -> None:
        """Serve until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await trio.sleep_forever()

    def begin(self, ask: Ask, terminal: Terminal, hand_on: HandOn) -> bool:
        """Start the task that translates this message; False when there are too many."""
        if self._nursery is None or self._busy >= TASKS_MAX:
            return False
        self._busy += 1
        self._nursery.start_soon(self._run, ask, terminal, hand_on)
        return True

    async def _run(self, ask: Ask, terminal: Terminal, hand_on: HandOn) -> None:
        try:
            await self._take(ask, terminal, hand_on)
        except (StoreUnavailableError, HsmUnavailable):
            self._refuse(ask, responses.MALFUNCTION, "store or HSM away")
        except EncodeError as fault:
            self._refuse(ask, responses.FORMAT, f"field {fault.field} cannot be said")
        finally:
            self._busy -= 1

    async def _take(self, ask: Ask, terminal: Terminal, hand_on: HandOn) -> None:
        mti, fields = request_mti(ask.message.mti), ask.message.fields
        merchant = self._site.merchant(terminal.mid)
        if merchant is None:
            self._refuse(ask, responses.MALFUNCTION, "merchant not read yet")
            return
        ends = mti == "0500"
        if mti == "0800":
            await self._manage(ask, terminal, fields.get(3, ""))
            return
        # Its messages name no batch, and another worker may have closed the one that we know.
        terminal = await self._records.terminal(terminal.mid, terminal.tid) or terminal
        found = await (
            self._settlement(ask, terminal) if ends else self._payment(ask, terminal, merchant)
        )
        if isinstance(found, Refusal):
            self._refuse(ask, found.code, found.reason)
            return
        data, key = await self._seal.sealed(found.mti, found.fields, mac=found.has_mac)
        window = _Window(self, ask, terminal, closes=ends)
        inside = self._seal.terminal(terminal, key)
        envelope = Envelope(_TPDU, _HEADER, data)
        message = _CODEC.decode(data)
        hand_on(
            structs.replace(
                ask, connection=window, envelope=envelope, message=message, codec=_CODEC
            ),
            inside,
        )

    def _refuse(self, ask: Ask, code: str, reason: str) -> None:
        self._refusals.note(ask, code, reason)
        told = responses.told_by_us(code, self._site.moment())
        self.tell(ask, {int(number): value for number, value in told.items()})

    async def _payment(self, ask: Ask, terminal: Terminal, merchant: Merchant) -> Meant | Refusal:
        fields = ask.message.fields
        key = pin_key(terminal)
        found = nii.meant(
            ask.message.mti, fields, batch=terminal.batch, currency=merchant.currency, pin=bool(key)
        )
        if isinstance(found, Refusal) or not found.follows:
            return found
        original = await self._original(terminal, fields, found.invoice)
        return nii_originals.joined(found, original, terminal)

    async def _original(
        self, terminal: Terminal, fields: Mapping[int, str], invoice: str
    ) -> Transaction | None:
        """Return the original by our reference; without one by its invoice in the open batch."""
        mid, tid, rrn = terminal.mid, terminal.tid, fields.get(37, "").strip()
        if rrn or not invoice:
            return await self._records.by_rrn(mid, rrn)
        return await self._records.by_invoice(mid, tid, terminal.batch, invoice)

    async def _settlement(self, ask: Ask, terminal: Terminal) -> Meant | Refusal:
        fields = ask.message.fields
        found = nii.closing(fields)
        if not isinstance(found, nii.Claim):
            return found
        claimed = found.totals
        ours = await self._records.batch_totals(terminal.mid, terminal.tid, found.batch)
        # It does not tell domestic from foreign cards: where the sums agree, so do both sides.
        said = BatchTotals(
            SideTotals(claimed.sales_minor, claimed.sales, claimed.refunds_minor, claimed.refunds),
            SideTotals(),
        )
        return nii.settlement(
            fields,
            found.batch,
            nii.figures(ours if nii.together(ours) == nii.together(said) else said),
        )

    async def _manage(self, ask: Ask, terminal: Terminal, code: str) -> None:
        """Answer a sign-on, which opens the next batch where the last is closed, or a test."""
        if code == nii.SIGN_ON:
            await self._open_batch(terminal)
        elif code != nii.TEST:
            self._refuse(ask, "40", "function not supported")
            return
        told = responses.told_by_us(responses.APPROVED, self._site.moment(), self._site.rrn())
        self.tell(ask, {int(number): value for number, value in told.items()})

    async def _open_batch(self, terminal: Terminal) -> None:
        await self._records.sign_in(terminal.mid, terminal.tid, _NO_KEYS, _NO_KEYS)
        self._site.forget(terminal.mid, terminal.tid)

    def tell(
        self,
        ask: Ask,
        answer: dict[int, str],
        taken: Callable[[bool], None] | None = None,
    ) -> None:
        """Put an answer on the terminal's connection, in its own dialect."""
        mti, fields = nii.told(ask.message.mti, ask.message.fields, answer)
        ask.answer(ask.codec.encode(mti, fields), fields[39], taken)

    def finish(
        self,
        ask: Ask,
        terminal: Terminal,
        answer: dict[int, str],
        taken: Callable[[bool], None] | None,
    ) -> None:
        """Answer a settlement; where it ends its batch, after the next one is open."""
        assert self._nursery is not None, "it began in it"
        self._nursery.start_soon(self._finish, ask, terminal, answer, taken)

    async def _finish(
        self,
        ask: Ask,
        terminal: Terminal,
        answer: dict[int, str],
        taken: Callable[[bool], None] | None,
    ) -> None:
        fields = ask.message.fields
        code = answer.get(39) or nii.settled(answer.get(48, ""))
        if code == responses.APPROVED:
            try:
                if fields.get(3) == nii.SETTLE:
                    batch = fields[60].strip()
                    await self._records.close_batch(terminal.mid, terminal.tid, batch, 0)
                await self._open_batch(terminal)
            except StoreUnavailableError:
                self._refuse(ask, responses.MALFUNCTION, "store away")
                return
        self.tell(ask, answer, taken)


class _Window:
    """Stands for the terminal's connection inside: what is told here goes out translated."""

    def __init__(self, desk: NiiDesk, ask: Ask, terminal: Terminal, *, closes: bool) -> None:
        self._desk = desk
        self._ask = ask
        self._terminal = terminal
        self._closes = closes

    @property
    def listener(self) -> str:
        return self._ask.connection.listener

    @property
    def framing(self) -> Framing:
        return _FRAMING

    def put(self, frame: bytes, taken: Callable[[bool], None] | None = None) -> None:
        reader = _FRAMING.reader()
        try:
            answer = _CODEC.decode(_FRAMING.open(reader.feed(frame)[0]).body)
        except DecodeError:
            self.drop()
            return
        fields = dict(answer.fields.items())
        if self._closes:
            self._desk.finish(self._ask, self._terminal, fields, taken)
        else:
            self._desk.tell(self._ask, fields, taken)

    def drop(self) -> None:
        self._ask.connection.drop()
