"""All payments of one worker: each event goes to its payment, each command to where it is done.

A plain object: callbacks in, calls out, no task per payment. It holds what is shared among them:
the site, the terminals that were read, who waits for which first copy, and approvals that nobody
has taken. One payment's life is transaction.py; everything that is no payment is errands.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from pointsman import log
from pointsman.codecs.codec import Codec, Message, get_codec
from pointsman.codecs.errors import DecodeError
from pointsman.codecs.framing import Envelope, Framing
from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.hsm.commands import Answer, HsmUnavailable, Inbound, Outbound, Refused
from pointsman.metrics import Metrics
from pointsman.routing.bins import CardRange, scheme_of
from pointsman.routing.table import Choice, NoRoute, choose, follow
from pointsman.routing.wallets import wallet_of
from pointsman.store.parties import Acquirer, Directory, Merchant, Terminal
from pointsman.store.records import State, Transaction
from pointsman.store.verbs import Journal
from pointsman.switch import checks, requests, responses
from pointsman.switch.lookups import Lookups
from pointsman.switch.requests import CardData, Payment, Refusal
from pointsman.switch.responses import Moment
from pointsman.switch.steps import (
    AskHsm,
    Command,
    Conclude,
    Event,
    FindOriginal,
    Finish,
    FirstSettled,
    HostAnswered,
    HostNotSent,
    HostSilent,
    Intend,
    Join,
    OriginalSought,
    OweLater,
    Promote,
    Reply,
    RereadTerminal,
    Send,
    Step,
    TerminalReread,
)
from pointsman.switch.traffic import (
    Answered,
    Broken,
    HostRequest,
    HostResult,
    Lane,
    NotSent,
    Silent,
)
from pointsman.switch.transaction import Desk, PaymentLife

TERMINALS_KEPT_MAX = 50_000  # terminals remembered with their keys; the oldest are read again
UNTAKEN_MAX = 10_000  # approvals that wait for a repeat; beyond it they are reversed at once
_UNTAKEN_REASON = "68"
_REQUEST_CLASSES = frozenset("1234568")  # second digit of an MTI that a terminal may send


class Asker(Protocol):
    """A terminal's connection, as far as an answer needs it."""

    @property
    def listener(self) -> str: ...  # noqa: D102 (told by the class)
    @property
    def framing(self) -> Framing: ...  # noqa: D102 (told by the class)
    def put(self, frame: bytes, taken: Callable[[bool], None] | None = None) -> None: ...  # noqa: D102
    def drop(self) -> None: ...  # noqa: D102


class Hsm(Protocol):
    """The HSM client's hot path: the answer comes by callback, also when there is none."""

    def submit(
        self,
        request: Outbound | Inbound,
        deadline: float,
        done: Callable[[Answer | HsmUnavailable], None],
    ) -> None:
        """Ask; `done` is called once, later."""


class Link(Protocol):
    """One acquirer's session of this worker."""

    @property
    def usable(self) -> bool: ...  # noqa: D102
    def send(self, request: HostRequest, done: Callable[[HostResult], None]) -> None: ...  # noqa: D102


class Numbers(Protocol):
    """A series of leased numbers."""

    def take(self) -> str | None: ...  # noqa: D102


class Errands(Protocol):
    """What does not go through a payment's life: sign-in, reversal, settlement, refusals."""

    def begin(self, ask: "Ask", terminal: Terminal, request: requests.Request) -> bool:
        """Start the task that answers; False when there are too many."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One message of a terminal and where its answer goes."""

    connection: Asker
    envelope: Envelope
    message: Message
    received_at: float

    @property
    def mid(self) -> str:
        """Field 42, without padding."""
        return self.message[42].rstrip(" ")

    @property
    def tid(self) -> str:
        """Field 41, without padding."""
        return self.message[41].rstrip(" ")

    def answer(
        self, body: bytes, code: str = "00", taken: Callable[[bool], None] | None = None
    ) -> None:
        """Put the answer on the connection that asked, its addresses swapped."""
        frame = self.connection.framing.reply(self.envelope, body, responses.requirement(code))
        self.connection.put(frame, taken)


@dataclass(slots=True)
class _Seat:
    """A payment under way."""

    ask: Ask
    life: PaymentLife
    deadline: float
    acquirer: str = "none"
    waiters: list["_Seat"] = field(default_factory=list)
    asked_at: float = 0.0
    host_s: float = 0.0


class Conductor:
    """Every payment of one worker between its first byte and its last."""

    def __init__(
        self,
        *,
        config: Config,
        effects: Effects,
        clock: Callable[[], float],
        metrics: Metrics,
        terminal_codec: Codec,
        session: int,
        incarnation: int,
        hsm: Hsm,
        journal: Journal,
        lookups: Lookups,
        links: Mapping[str, Link],
        rrns: Numbers,
        stans: Mapping[str, Numbers],
    ) -> None:
        self.directory = Directory(0)
        self.terminals: dict[tuple[str, str], Terminal] = {}
        self.draining = False
        self.errands: Errands | None = None
        self._timers = config.timers
        self._limits = config.limits
        self._effects = effects
        self._clock = clock
        self._metrics = metrics
        self._codec = terminal_codec
        self._session = session
        self._incarnation = incarnation
        self._hsm = hsm
        self._journal = journal
        self._lookups = lookups
        self._links = links
        self._rrns = rrns
        self._stans = stans
        self._seats: dict[bytes, _Seat] = {}
        self._under_way = 0
        self._untaken: dict[bytes, float] = {}

    @property
    def under_way(self) -> int:
        """How many payments have no answer yet."""
        return self._under_way

    def update(self, directory: Directory) -> None:
        """Take over a new version of the site; terminals are read again when they are needed."""
        self.directory = directory
        self.terminals.clear()

    # ------------------------------------------------------------------------ a frame comes in

    def on_frame(self, connection: Asker, frame: bytes) -> None:
        """Take one frame from a terminal; it is answered, or dropped with a line in the log."""
        try:
            envelope = connection.framing.open(frame)
            message = self._codec.decode(envelope.body)
        except DecodeError as fault:
            self._on_fault(connection, frame, fault)
            return
        if message.mti[1] not in _REQUEST_CLASSES or int(message.mti[2]) % 2:
            self._drop(connection, "message_type", mti=message.mti)
            return
        if 41 not in message or 42 not in message:
            self._drop(connection, "identity", mti=message.mti)
            return
        ask = Ask(connection, envelope, message, self._clock())
        terminal = self.terminals.get((ask.mid, ask.tid))
        if terminal is not None and terminal.active:
            self._dispatch(ask, terminal)
        else:
            self._lookups.terminal(ask.mid, ask.tid, lambda found: self._on_terminal(ask, found))

    def _on_fault(self, connection: Asker, frame: bytes, fault: DecodeError) -> None:
        """Answer 30 where the sender can be told; else drop. The connection stays (section 2)."""
        known = fault.decoded
        log.get().info(
            "message_refused",
            listener=connection.listener,
            code=responses.FORMAT,
            mti=fault.mti or "",
            field=fault.field or 0,
            sub=fault.sub or "",
            offset=fault.offset,
            reason=fault.reason,
        )
        self._metrics.terminal_errors.labels(connection.listener, "format").inc()
        if not fault.mti or not {11, 41, 42} <= known.keys() or int(fault.mti[2]) % 2:
            connection.drop()
            return
        told = responses.told_by_us(responses.FORMAT, self.moment())
        mti, fields = responses.bare_answer(fault.mti, known, told)
        body = self._codec.encode(mti, fields)
        envelope = connection.framing.open(frame)
        connection.put(connection.framing.reply(envelope, body))

    def _drop(self, connection: Asker, reason: str, *, mti: str) -> None:
        self._metrics.terminal_errors.labels(connection.listener, "format").inc()
        log.get().info("message_dropped", listener=connection.listener, reason=reason, mti=mti)
        connection.drop()

    def _on_terminal(self, ask: Ask, terminal: Terminal | None) -> None:
        if terminal is None:
            self.refuse(ask, responses.UNKNOWN_TERMINAL, "terminal unknown or not readable")
            return
        if len(self.terminals) >= TERMINALS_KEPT_MAX:
            del self.terminals[next(iter(self.terminals))]
        self.terminals[terminal.mid, terminal.tid] = terminal
        self._dispatch(ask, terminal)

    def _dispatch(self, ask: Ask, terminal: Terminal) -> None:
        request = requests.read(ask.message.mti, ask.message.fields)
        merchant = self.directory.merchants.get(terminal.mid)
        # Undoing and settling need identity and MAC alone: no state of the parties is asked.
        new_business = isinstance(request, Payment | requests.SignIn | Refusal)
        if new_business and not terminal.active:
            self.refuse(ask, responses.UNKNOWN_TERMINAL, "terminal not active")
        elif new_business and (merchant is None or not merchant.active):
            self.refuse(ask, "03", "merchant not active")
        elif self.draining or self._under_way >= self._limits.in_flight_max:
            self.refuse(ask, responses.MALFUNCTION, "too many requests, or stopping")
        elif isinstance(request, Payment) and merchant is not None:
            self._begin(ask, request, terminal, merchant)
        else:
            assert self.errands is not None
            if not self.errands.begin(ask, terminal, request):
                self.refuse(ask, responses.MALFUNCTION, "too many errands")

    def refuse(self, ask: Ask, code: str, reason: str) -> None:
        """Answer without a MAC, before anything is known to be genuine; log one line."""
        self.note_refusal(ask, code, reason)
        told = responses.told_by_us(code, self.moment())
        mti, fields = responses.bare_answer(ask.message.mti, ask.message.fields, told)
        ask.answer(self._codec.encode(mti, fields), code)

    def note_refusal(self, ask: Ask, code: str, reason: str, number: int | None = None) -> None:
        """Write the one log line of a refused message, and count it."""
        fields = ask.message.fields
        log.get().info(
            "request_refused",
            code=code,
            reason=reason,
            field=number or 0,
            mti=ask.message.mti,
            mid=_printable(ask.mid),
            tid=_printable(ask.tid),
            stan=fields.get(11, ""),
        )
        self._metrics.responses.labels("none", code).inc()
        if code == responses.WRONG_MAC:
            self._metrics.mac_failures.labels("terminal", "none").inc()

    def moment(self) -> Moment:
        """Return the switch's clock as the wire wants it; local time is the site's zone."""
        now = self._effects.now()
        local = now.astimezone(ZoneInfo(self.directory.zone))
        return Moment(f"{local:%H%M%S}", f"{local:%m%d}", f"{now:%m%d%H%M%S}")

    def today(self) -> date:
        """Return the site's calendar date."""
        now: datetime = self._effects.now()
        return now.astimezone(ZoneInfo(self.directory.zone)).date()

    # ---------------------------------------------------------------------------- one payment

    def _begin(self, ask: Ask, payment: Payment, terminal: Terminal, merchant: Merchant) -> None:
        card_range = _range_of(payment.card)
        route: Choice | NoRoute | None = None
        if not payment.flow.follows:
            route = choose(
                self.directory,
                merchant.mid,
                card_range,
                payment.method,
                payment.flow.name,
                usable=self._usable,
            )
        desk = Desk(
            id=self._effects.new_id(),
            merchant=merchant,
            moment=self.moment(),
            rrn=self._rrns.take() or "",
            card_range=card_range,
            route=route,
            acquirer_of=self._acquirer,
            host_codec_of=self._host_codec,
            host_stan_of=self._host_stan,
            terminal_codec=self._codec,
            session=self._session,
            incarnation=self._incarnation,
        )
        refusal = checks.refusal(payment, merchant, card_range, self.today())
        life = PaymentLife(payment, ask.message, terminal, desk, refusal)
        seat = _Seat(ask, life, ask.received_at + self._timers.switch_s)
        self._under_way += 1
        self._perform(seat, life.start())

    def _on(self, seat: _Seat, event: Event) -> None:
        self._perform(seat, seat.life.on(event))

    def _perform(self, seat: _Seat, commands: list[Command]) -> None:  # noqa: C901
        """Do what a payment asks for; each result comes back through `_on`."""
        now = self._clock()
        seat.asked_at = now
        for command in commands:
            match command:
                case AskHsm(request):
                    self._ask_hsm(seat, request, now)
                case FindOriginal(payment):
                    self._find_original(seat, payment)
                case Intend(intent):
                    self._seats[intent.transaction.id] = seat
                    seat.acquirer = intent.transaction.acquirer or "none"
                    deadline = min(now + self._timers.database_s, seat.deadline)
                    self._journal.intend(intent, deadline, lambda result: self._on(seat, result))
                case Send():
                    self._send(seat, command, now)
                case Conclude(outcome):
                    self._journal.conclude(
                        outcome,
                        now + self._timers.database_s,
                        lambda result: self._on(seat, result),
                    )
                case Promote(number):
                    self._promote(seat, number)
                case RereadTerminal():
                    self._reread(seat)
                case Join(first):
                    self._join(seat, first)
                case OweLater(transaction, reason):
                    self._lookups.owe(transaction, reason)
                case Reply():
                    self._reply(seat, command)
                    self._finish(seat, command.code)
                case Finish():
                    seat.ask.connection.drop()
                    self._finish(seat, "")
                case _:
                    assert_never(command)

    def _ask_hsm(self, seat: _Seat, request: Outbound | Inbound, now: float) -> None:
        def done(answer: Answer | HsmUnavailable) -> None:
            if isinstance(answer, Refused):
                log.get().error("hsm_refused", code=answer.code, reason=answer.reason)
            self._on(seat, answer)  # type: ignore[arg-type]  # it answers what it was asked

        self._hsm.submit(request, now + self._timers.hsm_s, done)

    def _find_original(self, seat: _Seat, payment: Payment) -> None:
        def done(original: Transaction | None) -> None:
            route: Choice | NoRoute | None = None
            if original is not None:
                route = follow(self.directory, original.acquirer, self._usable)
            self._on(seat, OriginalSought(original, route))

        if payment.original is None:
            done(None)
        else:
            key = payment.key
            self._lookups.original(key.mid, key.tid, payment.original, done)

    def _send(self, seat: _Seat, command: Send, now: float) -> None:
        """Hand the message to the link: written within 5 s of its commit, or not at all."""
        link = self._links.get(command.acquirer)
        acquirer = self._acquirer(command.acquirer)
        if link is None:
            self._on(seat, HostNotSent("no link"))
            return
        request = HostRequest(
            data=command.data,
            expected=command.expected,
            not_after=min(now + self._timers.sent_within_s, seat.deadline),
            answer_s=acquirer.host_timeout_s or self._timers.host_s,
            lane=Lane.REQUEST,
        )
        gauge = self._metrics.in_flight_requests.labels(command.acquirer)
        gauge.inc()

        def done(result: HostResult) -> None:
            gauge.dec()
            match result:
                case Answered(message, elapsed_s):
                    seat.host_s = elapsed_s
                    self._metrics.upstream_duration.labels(command.acquirer).observe(elapsed_s)
                    self._on(seat, HostAnswered(message))
                case Silent() | Broken():
                    seat.host_s = self._clock() - now
                    self._on(seat, HostSilent())
                case NotSent(reason):
                    self._on(seat, HostNotSent(reason))
                case _:
                    assert_never(result)

        link.send(request, done)

    def _promote(self, seat: _Seat, number: int) -> None:
        key = seat.life.payment.key
        self.terminals.pop((seat.ask.mid, seat.ask.tid), None)
        self._lookups.promote(key.mid, key.tid, number)

    def _reread(self, seat: _Seat) -> None:
        def done(terminal: Terminal | None) -> None:
            if terminal is not None:
                self.terminals[terminal.mid, terminal.tid] = terminal
            self._on(seat, TerminalReread(terminal))

        self._lookups.terminal(seat.ask.mid, seat.ask.tid, done, again=True)

    def _join(self, seat: _Seat, first: bytes) -> None:
        """Wait for the first copy: here if it is ours, else by asking the store."""
        under_way = self._seats.get(first)
        if under_way is not None and under_way.life.step is not Step.DONE:
            under_way.waiters.append(seat)
            return
        self._lookups.first_copy(
            first, seat.deadline, lambda found: self._on(seat, FirstSettled(found))
        )

    def _reply(self, seat: _Seat, command: Reply) -> None:
        approved = command.approves
        if approved is None:
            seat.ask.answer(command.body, command.code)
            return

        def taken(any_byte: bool) -> None:
            if any_byte:
                self._untaken.pop(approved, None)
                self._journal.taken(approved)
            elif approved == seat.life.desk.id:
                # Ours, and nobody took it: it waits for a repeat until its deadline.
                if len(self._untaken) >= UNTAKEN_MAX:
                    self._lookups.owe(approved, _UNTAKEN_REASON, unless_taken=True)
                else:
                    self._untaken[approved] = seat.deadline

        seat.ask.answer(command.body, command.code, taken)

    def _finish(self, seat: _Seat, code: str) -> None:
        self._under_way -= 1
        life = seat.life
        record = life.settled()
        self._seats.pop(life.desk.id, None)
        waiters, seat.waiters = seat.waiters, []
        for waiter in waiters:
            self._on(waiter, FirstSettled(record))
        self._count(seat, record, code)

    def _count(self, seat: _Seat, record: Transaction | None, code: str) -> None:
        life, metrics = seat.life, self._metrics
        kind, method = life.payment.flow.name, life.payment.method
        state = record.state if record is not None else State.REFUSED
        outcome = responses.outcome_label(state)
        total_s = self._clock() - seat.ask.received_at
        metrics.requests.labels(seat.acquirer, kind, method, outcome).inc()
        metrics.request_duration.labels(seat.acquirer, kind).observe(total_s)
        metrics.switch_duration.observe(max(total_s - seat.host_s, 0.0))
        if record is not None and state is State.APPROVED:
            metrics.amount_minor_units.labels(seat.acquirer, record.currency, outcome).inc(
                record.approved_minor
            )
        if life.is_repeat:
            metrics.responses.labels(seat.acquirer, code or "none").inc()
            key = life.payment.key
            log.get().info("repeat_answered", code=code, tid=key.tid, stan=key.stan)
        elif life.refusal is not None:
            self.note_refusal(seat.ask, code, life.refusal.reason, life.refusal.field)
        else:
            metrics.responses.labels(seat.acquirer, code or "none").inc()

    def sweep(self, now: float) -> None:
        """Owe the reversal of approvals that no connection took and no repeat asked for."""
        over = [key for key, deadline in self._untaken.items() if deadline <= now]
        for transaction in over:
            del self._untaken[transaction]
            self._lookups.owe(transaction, _UNTAKEN_REASON, unless_taken=True)

    # ------------------------------------------------------------------------------- the site

    def _usable(self, name: str) -> bool:
        link = self._links.get(name)
        return link is not None and link.usable

    def _acquirer(self, name: str) -> Acquirer:
        return self.directory.acquirers[name]

    def _host_codec(self, name: str) -> Codec:
        return get_codec(self.directory.acquirers[name].format)

    def _host_stan(self, name: str) -> str | None:
        numbers = self._stans.get(name)
        return numbers.take() if numbers is not None else None


def _range_of(card: CardData | None) -> CardRange | None:
    """Return the brand of a card or of a payment code, by its first digits and its length."""
    if card is None:
        return None
    find = wallet_of if card.is_code else scheme_of
    return find(card.account[:11], len(card.account))


def _printable(text: str) -> str:
    """Return an identity for the log: what is not a letter or digit becomes a point."""
    return "".join(one if one.isascii() and one.isalnum() else "." for one in text)
