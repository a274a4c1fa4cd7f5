"""What the HSM does for a message that is built outside a sale's own trip: card number and MACs.

A shell for the rare flows (what is owed). A sale's messages are sealed in one batched trip by the
conductor. Which fields there are says hosts.py, when to send says owed.py.
"""

from typing import Protocol

import trio

from pointsman import log
from pointsman.codecs.codec import Codec, Message
from pointsman.config import Timers
from pointsman.hsm.commands import (
    Answer,
    HostMessage,
    HsmUnavailable,
    Inbound,
    InboundDone,
    MacCheck,
    MacMethod,
    Opened,
    OpenPan,
    Outbound,
    OutboundDone,
    Request,
)
from pointsman.store.parties import Acquirer
from pointsman.store.records import Transaction
from pointsman.switch.hosts import HostDraft, answer_mac, encode, expected
from pointsman.switch.traffic import HostRequest, Lane


class Hsm(Protocol):
    """The one thing asked of hsm/client.py here."""

    async def ask(self, request: Request, deadline: float) -> Answer:
        """Ask and wait; raises HsmUnavailable."""
        ...


class NotNowError(Exception):
    """Something that is needed is away; nothing was sent and nothing counted."""


class HostSeal:
    """Seals and checks the messages of one acquirer."""

    def __init__(self, acquirer: Acquirer, *, codec: Codec, hsm: Hsm, timers: Timers) -> None:
        self._acquirer = acquirer
        self._codec = codec
        self._hsm = hsm
        self._timers = timers

    async def open_pan(self, original: Transaction) -> str | None:
        """Return the card number of a transaction for one message, or None where it has none.

        A payment code has no card number. Raises NotNowError while the HSM is away.
        """
        card = original.card
        if card is None or card.cipher is None or not card.first6:
            return None
        answer = await self._ask(OpenPan(card.cipher, original.id))
        if isinstance(answer, Opened):
            return answer.pan
        # Field 90 names the original also without the card; the acquirer decides whether it does.
        log.get().error("owed_card_not_opened", transaction=original.id.hex())
        return None

    async def request(self, draft: HostDraft, lane: Lane) -> HostRequest:
        """Encode and MAC a draft; the time limit for its first byte starts here.

        Raises NotNowError while the HSM is away or will not make the MAC.
        """
        acquirer = self._acquirer
        room = encode(self._codec, draft, mac=acquirer.zak is not None)
        data = room.data
        if acquirer.zak is not None:
            host = HostMessage(
                data=data,
                pin_offset=None,
                pin_hex=False,
                mac_key=acquirer.zak,
                mac_method=MacMethod(acquirer.mac_method),
                mac_end=room.mac_end,
                mac_hex=room.mac_hex,
            )
            answer = await self._ask(Outbound(host=host))
            if not isinstance(answer, OutboundDone) or answer.host is None:
                raise NotNowError("host MAC not made")
            data = answer.host
        return HostRequest(
            data=data,
            expected=expected(draft),
            not_after=trio.current_time() + self._timers.sent_within_s,
            answer_s=acquirer.host_timeout_s or self._timers.host_s,
            lane=lane,
        )

    async def mac_is_right(self, answer: Message) -> bool:
        """Check the host's MAC; where one is agreed, an answer without it is wrong.

        While the HSM is away the answer is no: what nobody checked ends nothing.
        """
        if self._acquirer.zak is None:
            return True
        parts = answer_mac(answer)
        if parts is None:
            return False
        check = MacCheck(self._acquirer.zak, MacMethod(self._acquirer.mac_method), *parts)
        try:
            done = await self._ask(Inbound(mac=check))
        except NotNowError:
            return False
        return isinstance(done, InboundDone) and done.mac_ok is True

    async def _ask(self, request: Request) -> Answer:
        try:
            return await self._hsm.ask(request, trio.current_time() + self._timers.hsm_s)
        except HsmUnavailable:
            raise NotNowError("HSM unavailable") from None
