"""A refund that the back office asks for: a request of the merchant's virtual terminal.

A shell: it looks up what is refunded and has the card number opened and the request signed in the
HSM, under a key that only this worker has; from there on the request is a payment like any other
(conductor.py), by its request key, and lands in the same journal. The socket is officeline.py.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import trio
from msgspec import structs

from pointsman.codecs.codec import get_codec
from pointsman.codecs.errors import DecodeError
from pointsman.codecs.framing import Envelope, Framing, get_framing
from pointsman.config import Timers
from pointsman.handover import ABSENT, VIRTUAL_TID, RefundOrder
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import Answer as HsmAnswer
from pointsman.hsm.commands import (
    HsmUnavailable,
    Inbound,
    InboundDone,
    KeyMade,
    MacMake,
    MacMethod,
    NewKey,
    Opened,
    OpenPan,
    Request,
)
from pointsman.store.parties import BatchState, KeySet, KeySetState, Terminal
from pointsman.store.records import Transaction
from pointsman.store.verbs import Records, StoreUnavailableError
from pointsman.switch import reading, responses
from pointsman.switch.ports import Ask, Payments
from pointsman.switch.requests import Payment
from pointsman.switch.siteview import SiteView

REFUND: Final = "0220"
FORMAT: Final = "cup-bcd"
FRAMING: Final = "tpdu-header"
MAC: Final = MacMethod.X9_19
_TPDU, _HEADER = bytes.fromhex("6000000000"), bytes.fromhex("603100000000")
_MALFUNCTION: Final = "96"
_NO_SUCH: Final = "25"


class RefundDesk:
    """Takes refunds of the back office; owned by one worker."""

    def __init__(
        self,
        *,
        site: SiteView,
        records: Records,
        hsm: HsmClient,
        payments: Payments,
        timers: Timers,
    ) -> None:
        self.draining = False
        self._site = site
        self._records = records
        self._hsm = hsm
        self._payments = payments
        self._timers = timers
        self._codec = get_codec(FORMAT)
        self._key = b""

    async def refund(self, order: RefundOrder) -> str:
        """Return field 39 of what became of it, or `ABSENT` where that is not known in time."""
        if self.draining:
            return _MALFUNCTION
        try:
            original = await self._records.by_id(order.payment)
            if original is None or original.key.mid != order.mid:
                return _NO_SUCH
            sealed = await self._sealed(order, original)
        except (StoreUnavailableError, HsmUnavailable):
            return _MALFUNCTION
        if sealed is None:
            return _MALFUNCTION
        return await self._ask(order, *sealed)

    async def _sealed(
        self, order: RefundOrder, original: Transaction
    ) -> tuple[bytes, bytes] | None:
        """Return the request with its MAC, and the key; None where the HSM does not make it.

        The key is told along: another refund may put a new one in its place meanwhile.
        """
        if not self._key:
            made = await self._hsm_says(NewKey("TAK_X9_19", f"worker/{VIRTUAL_TID}"))
            if not isinstance(made, KeyMade):
                return None
            self._key = made.block
        key = self._key
        fields = _fields(order, original)
        card = original.card
        if card is not None and card.cipher is not None and card.first6:
            opened = await self._hsm_says(OpenPan(card.cipher, original.id))
            if not isinstance(opened, Opened):
                return None
            fields[2] = opened.pan
        unsigned = responses.unsigned(self._codec, REFUND, fields)
        signed = await self._hsm_says(Inbound(make=MacMake(key, MAC, unsigned.covered)))
        if not isinstance(signed, InboundDone) or signed.mac is None:
            self._key = b""  # the HSM may have another master key by now
            return None
        return unsigned.signed(signed.mac), key

    async def _ask(self, order: RefundOrder, data: bytes, key: bytes) -> str:
        message = self._codec.decode(data)
        payment = reading.read(message.mti, message.fields)
        if not isinstance(payment, Payment) or payment.original is None:
            return _MALFUNCTION
        # By its id: a number that an acquirer gave might be another payment's as well.
        known = replace(payment.original, id=order.payment)
        payment = structs.replace(payment, original=known)
        window = _Window(get_framing(FRAMING), self._read)
        envelope = Envelope(_TPDU, _HEADER, data)
        ask = Ask(window, envelope, message, trio.current_time(), self._codec)
        if not self._payments.begin(ask, payment, _terminal(order, key)):
            return _MALFUNCTION
        with trio.move_on_after(self._timers.switch_s):
            await window.told.wait()
        return window.code

    def _read(self, data: bytes) -> str:
        try:
            return self._codec.decode(data).fields.get(39, ABSENT)
        except DecodeError:
            return ABSENT

    async def _hsm_says(self, request: Request) -> HsmAnswer:
        return await self._hsm.ask(request, trio.current_time() + self._timers.hsm_s)


def _terminal(order: RefundOrder, key: bytes) -> Terminal:
    """Return the virtual terminal: it lives for one request and stands in no table."""
    return Terminal(
        mid=order.mid,
        tid=VIRTUAL_TID,
        active=True,
        format=FORMAT,
        framing=FRAMING,
        mac_method=MAC.value,
        tmk=b"",
        key_sets=(KeySet(0, b"", key, KeySetState.CURRENT),),
        signed_in=True,
        batch=order.batch,
        batch_state=BatchState.OPEN,
    )


def _fields(order: RefundOrder, original: Transaction) -> dict[int, str]:
    """Return the fields of an online refund (terminal-protocol 8.3), keyed in, without a PIN."""
    return {
        3: "200000",
        4: f"{order.amount_minor:012d}",
        11: order.stan,
        22: "012",
        25: "00",
        37: original.rrn,
        41: VIRTUAL_TID,
        42: order.mid,
        49: order.currency,
        60: f"25{order.batch}000",
        61: original.key.batch + original.key.stan + (original.local_date or "0000"),
        63: "000",
    }


class _Window:
    """The way back of one request; it takes its answer whatever becomes of the line."""

    def __init__(self, framing: Framing, read: Callable[[bytes], str]) -> None:
        self.listener = "office"
        self.framing = framing
        self.code = ABSENT
        self.told = trio.Event()
        self._read = read

    def put(self, frame: bytes, taken: Callable[[bool], None] | None = None) -> None:
        """Take the answer."""
        reader = self.framing.reader()
        for whole in reader.feed(frame):
            self.code = self._read(self.framing.open(whole).body)
        self.told.set()
        if taken is not None:
            taken(True)

    def drop(self) -> None:
        """Take it that there is no answer."""
        self.told.set()
