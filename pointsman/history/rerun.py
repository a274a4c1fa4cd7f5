"""One payment of the history, lived through by the switch's own state machine.

A core: the terminal's message is made, read and decided as live traffic is (switch/reading.py,
switch/transaction.py); the acquirer's answer comes from the story. What comes out are the records
of the two commits, as the switch writes them. Only clock, link and MACs are stood in for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import structs

from pointsman.codecs.codec import get_codec
from pointsman.codecs.mti import answer_mti
from pointsman.history.story import NOT_SENT, SILENCE, Deed, Happening
from pointsman.hsm.commands import InboundDone, Outbound, OutboundDone
from pointsman.routing.table import choose, follow
from pointsman.sim import host_messages
from pointsman.sim.cards import CARDS
from pointsman.sim.pos_messages import BLANK_MAC, request_fields, request_mti
from pointsman.sim.terminal_keys import WorkingKeys
from pointsman.sim.terminal_rows import Asked, Kind
from pointsman.store.parties import Directory, Terminal
from pointsman.store.records import Concluded, Intent, Outcome, Recorded, Transaction
from pointsman.switch import checks, reading
from pointsman.switch.desk import Desk
from pointsman.switch.requests import Payment
from pointsman.switch.responses import Moment
from pointsman.switch.steps import (
    AskHsm,
    Command,
    Conclude,
    FindOriginal,
    HostAnswered,
    HostNotSent,
    HostSilent,
    Intend,
    OriginalSought,
    Send,
)
from pointsman.switch.transaction import PaymentLife

KINDS: Final[Mapping[Deed, Kind]] = {
    Deed.SALE: Kind.SALE,
    Deed.VOID: Kind.VOID,
    Deed.REFUND: Kind.REFUND,
    Deed.HOLD: Kind.PREAUTH,
    Deed.COMPLETE: Kind.COMPLETION,
}
_NO_KEYS = WorkingKeys(bytes(16), bytes(16))
_NO_MAC = bytes(8)
_MAC_FIELDS = (128, 64)

Sealed = tuple[bytes, bytes | None]
"""Token and cipher text of a card number, as the HSM gave them."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a payment gets: its terminal as it is signed in, its numbers, its sealed card.

    `row` is its id, `original` the transaction that it follows.
    """

    terminal: Terminal
    stan: str
    row: bytes
    sealed: Sealed
    original: Transaction | None


@dataclass(slots=True)
class Rerun:
    """The house as the payments of the history meet it."""

    directory: Directory
    incarnation: int
    rrn: Callable[[datetime], str]
    host_stan: Callable[[str, datetime], str]
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.directory.zone)

    def begin(self, happening: Happening, given: "Given") -> "Replay":
        """Live through a payment up to its first commit."""
        terminal, row, original = given.terminal, given.row, given.original
        at = datetime.fromtimestamp(happening.at_ms / 1000, UTC)
        local = at.astimezone(self.zone)
        codec = get_codec(terminal.format)
        asked = _asked(happening, given, local)
        mti = request_mti(asked)
        fields = request_fields(asked, _NO_KEYS, row[:12])
        message = codec.decode(codec.encode(mti, {**fields, 64: BLANK_MAC}))
        payment = reading.read(message.mti, message.fields)
        assert isinstance(payment, Payment), "the history holds payments that can be read"
        card_range = checks.range_of(payment.card)
        mid, directory = terminal.mid, self.directory
        route = None
        if not payment.flow.follows:
            label = payment.flow.label
            route = choose(directory, mid, card_range, payment.method, label, usable=_always)
        desk = Desk(
            id=row,
            merchant=directory.merchants[mid],
            moment=Moment(f"{local:%H%M%S}", f"{local:%m%d}", f"{at:%m%d%H%M%S}"),
            rrn=self.rrn(at),
            card_range=card_range,
            route=route,
            acquirer_of=directory.acquirers.__getitem__,
            host_codec_of=lambda name: get_codec(directory.acquirers[name].format),
            host_stan_of=lambda name: self.host_stan(name, at),
            terminal_codec=codec,
            session=0,
            incarnation=self.incarnation,
            today=local.date(),
        )
        refusal = checks.refusal(payment, desk.merchant, card_range, desk.today)
        life = PaymentLife(payment, message, terminal, desk, refusal)
        replay = Replay(happening, life, directory, given.sealed, original)
        replay.go(life.start())
        assert replay.intent is not None, "every payment of the history is written"
        return replay


@dataclass(slots=True)
class Replay:
    """One payment while it is lived through again."""

    happening: Happening
    life: PaymentLife
    directory: Directory
    sealed: Sealed
    original: Transaction | None
    intent: Intent | None = None
    outcome: Outcome | None = None
    send: Send | None = None

    def recorded(self, result: Recorded) -> None:
        """Take the first commit; the acquirer answers, and the second commit is made."""
        self.go(self.life.on(result))
        if self.send is not None:
            self.go(self.life.on(self._answer(self.send)))

    def concluded(self, result: Concluded) -> None:
        """Take the second commit: the terminal is told."""
        self.go(self.life.on(result))

    @property
    def record(self) -> Transaction:
        """The transaction as the journal has it now."""
        found = self.life.settled()
        assert found is not None
        return found

    def go(self, commands: list[Command]) -> None:
        """Do what the state machine asks for."""
        for command in commands:
            match command:
                case AskHsm(request):
                    self.go(self.life.on(self._hsm(request)))
                case FindOriginal():
                    assert self.original is not None, "what is followed was written before"
                    route = follow(self.directory, self.original.acquirer, _always)
                    self.go(self.life.on(OriginalSought(self.original, route)))
                case Intend(intent):
                    self.intent = intent
                case Send():
                    self.send = command
                case Conclude(outcome):
                    self.outcome = outcome
                case _:
                    pass  # the answer to a terminal that is not there

    def _hsm(self, request: object) -> OutboundDone | InboundDone:
        if not isinstance(request, Outbound):
            return InboundDone(mac_ok=True, mac=_NO_MAC)
        token, cipher = self.sealed if request.seal is not None else (None, None)
        host = None if request.host is None else request.host.data
        return OutboundDone(mac_ok=True, token=token, cipher=cipher, host=host)

    def _answer(self, send: Send) -> HostAnswered | HostSilent | HostNotSent:
        happening = self.happening
        if happening.answer == NOT_SENT:
            return HostNotSent("the link was down")
        if happening.answer == SILENCE:
            return HostSilent()
        codec = get_codec(self.directory.acquirers[send.acquirer].format)
        asked = codec.decode(send.data)
        approved = happening.answer == "00"
        row = self.life.desk.id
        fields = host_messages.answer_fields(
            asked,
            happening.answer,
            auth=f"{int.from_bytes(row[-4:], 'big') % 1_000_000:06d}" if approved else "",
            voucher=f"{self.life.desk.rrn:0>20}" if approved and happening.code else "",
            date=asked.get(13) or "",
        )
        fields[_MAC_FIELDS[_MAC_FIELDS[0] not in asked]] = BLANK_MAC
        data = codec.encode(answer_mti(asked.mti), fields)
        return HostAnswered(codec.decode(data))


def _asked(happening: Happening, given: Given, local: datetime) -> Asked:
    """Return the request in the words of the simulated terminals."""
    asked = Asked(
        at=local.isoformat(),
        mid=given.terminal.mid,
        tid=given.terminal.tid,
        batch=given.terminal.batch,
        stan=given.stan,
        flow="",
        what=KINDS[happening.deed],
        entry=happening.entry,
        amount_minor=happening.amount_minor,
        currency="156",
        card=happening.card,
        payment_code=happening.code,
    )
    original = given.original
    if original is None:
        return asked
    return structs.replace(
        asked,
        original_batch=original.key.batch,
        original_stan=original.key.stan,
        original_date=original.local_date,
        original_rrn=original.rrn,
        original_auth=original.auth_code,
        original_minor=original.approved_minor,
    )


def account(happening: Happening) -> str:
    """Return the card number or payment code that is sealed."""
    return happening.code or CARDS[happening.card].pan


def _always(_acquirer: str) -> bool:
    return True
