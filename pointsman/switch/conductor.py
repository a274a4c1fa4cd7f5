"""All payments of one worker: each event goes to its payment, each command to where it is done.

A plain object: callbacks in, calls out, no task per payment. It holds what is shared among them:
who waits for which first copy, approvals that nobody has taken (untaken.py), what chips were told
(chipmemory.py). One payment's life is transaction.py; frames come from reception.py; everything
that is no payment is errands.py.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from msgspec import Struct, structs

from pointsman import log
from pointsman.config import Config
from pointsman.hsm.commands import Answer, HsmUnavailable, Inbound, Outbound, Refused
from pointsman.metrics import Metrics
from pointsman.routing.table import Choice, NoRoute, choose, follow
from pointsman.routing.wallets import SHOWN_CODE
from pointsman.store.parties import Terminal
from pointsman.store.records import Transaction, Undo
from pointsman.store.verbs import Journal
from pointsman.switch import checks
from pointsman.switch.chipmemory import ChipMemory
from pointsman.switch.desk import Desk
from pointsman.switch.flows import Order
from pointsman.switch.lookups import Away, Lookups
from pointsman.switch.paymentmetrics import Kind, PaymentMetrics
from pointsman.switch.ports import Ask, Hsm
from pointsman.switch.refusals import Refusals
from pointsman.switch.requests import Payment
from pointsman.switch.room import Room
from pointsman.switch.siteview import SiteView
from pointsman.switch.steps import (
    AskHsm,
    Claim,
    Command,
    Conclude,
    DebtSettled,
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
    StoreAway,
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
from pointsman.switch.transaction import PaymentLife
from pointsman.switch.untaken import Untaken


class _Seat(Struct):
    """A payment under way."""

    ask: Ask
    life: PaymentLife
    deadline: float
    written_by: float = 0.0  # no byte of the request leaves later: its commit is too old then
    acquirer: str = "none"
    waiters: list["_Seat"] = []
    host_s: float = 0.0


class Conductor:
    """Every payment of one worker between its request and its answer."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Callable[[], float],
        metrics: Metrics,
        session: int,
        incarnation: int,
        site: SiteView,
        hsm: Hsm,
        journal: Journal,
        lookups: Lookups,
        refusals: Refusals,
    ) -> None:
        self._timers = config.timers
        self._room = Room(config.limits.in_flight_max)
        self._clock = clock
        self._counters = PaymentMetrics(metrics)
        self._session = session
        self._incarnation = incarnation
        self._site = site
        self._hsm = hsm
        self._journal = journal
        self._lookups = lookups
        self._refusals = refusals
        self._seats: dict[bytes, _Seat] = {}
        self._untaken = Untaken(lookups.owe)
        self._chips = ChipMemory()

    @property
    def under_way(self) -> int:
        """How many payments have no answer yet."""
        return self._room.under_way

    def begin(self, ask: Ask, payment: Payment, terminal: Terminal) -> bool:
        """Start a payment; False when too many are under way."""
        told_first = payment.flow.told_first
        barred = payment.refusal is not None and payment.refusal.bars
        find = self._site.merchant if told_first or barred else self._site.active_merchant
        merchant = find(terminal.mid)
        if merchant is None or self._room.is_full():
            return False
        opens = payment.flow.order is Order.OPENS
        card_range = SHOWN_CODE if opens else checks.range_of(payment.card)
        route: Choice | NoRoute | None = None
        if not payment.flow.follows:
            route = choose(
                self._site.directory,
                merchant.mid,
                card_range,
                payment.method,
                payment.flow.label,
                usable=_always if told_first else self._site.usable,
            )
        desk = Desk(
            id=self._site.new_id(),
            merchant=merchant,
            moment=self._site.moment(),
            rrn=self._site.rrn(),
            card_range=card_range,
            route=route,
            acquirer_of=self._site.acquirer,
            host_codec_of=self._site.host_codec,
            host_stan_of=self._site.host_stan,
            terminal_codec=ask.codec,
            session=self._session,
            incarnation=self._incarnation,
            today=self._site.today(),
            chip_of=self._chips.of,
            home=self._site.home(merchant.mid),
        )
        refusal = checks.refusal(payment, merchant, card_range, desk.today)
        if payment.chip_doubt:
            key = payment.key
            log.get().warning("chip_differs", tid=key.tid, stan=key.stan, reason=payment.chip_doubt)
        life = PaymentLife(payment, ask.message, terminal, desk, refusal)
        seat = _Seat(ask, life, ask.received_at + self._timers.switch_s)
        self._room.enter()
        self._perform(seat, life.start())
        return True

    def _on(self, seat: _Seat, event: Event) -> None:
        self._perform(seat, seat.life.on(event))

    def _perform(self, seat: _Seat, commands: list[Command]) -> None:  # noqa: C901
        """Do what a payment asks for; each result comes back through `_on`."""
        now = self._clock()
        for command in commands:
            match command:  # the five of every sale stand first
                case AskHsm(request):
                    self._ask_hsm(seat, request, now)
                case Intend(intent):
                    self._seats[intent.transaction.id] = seat
                    seat.acquirer = intent.transaction.acquirer or "none"
                    seat.written_by = min(now + self._timers.sent_within_s, seat.deadline)
                    deadline = min(now + self._timers.database_s, seat.deadline)
                    self._journal.intend(intent, deadline, lambda result: self._on(seat, result))
                case Send():
                    self._send(seat, command, now)
                case Conclude(outcome):
                    deadline = now + self._timers.database_s
                    self._journal.conclude(outcome, deadline, lambda result: self._on(seat, result))
                case Reply():
                    self._reply(seat, command)
                    self._finish(seat, command.code)
                case FindOriginal():
                    self._find_original(seat, command)
                case Promote(number):
                    self._promote(seat, number)
                case RereadTerminal():
                    self._reread(seat)
                case Join(first):
                    self._join(seat, first)
                case Claim(copied):
                    self._claim(seat, copied)
                case OweLater(transaction, reason):
                    self._lookups.owe(
                        transaction, reason, lambda owed: self._on(seat, DebtSettled(owed))
                    )
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

    def _find_original(self, seat: _Seat, command: FindOriginal) -> None:
        payment = command.payment
        usable = _always if payment.flow.told_first else self._site.usable

        def done(original: Transaction | Away | None) -> None:
            if isinstance(original, Away):
                self._on(seat, StoreAway())
                return
            route: Choice | NoRoute | None = None
            if original is not None:
                route = follow(self._site.directory, original.acquirer, usable)
            self._on(seat, OriginalSought(original, route))

        if payment.original is None:
            done(None)
        else:
            key = payment.key
            self._lookups.original(key.mid, key.tid, payment.original, command.hold_of, done)

    def _send(self, seat: _Seat, command: Send, now: float) -> None:
        """Hand the message to the link: written within 5 s of its commit, or not at all."""
        link = self._site.links.get(command.acquirer)
        acquirer = self._site.acquirer(command.acquirer)
        if link is None:
            self._on(seat, HostNotSent("no link"))
            return
        request = HostRequest(
            data=command.data,
            expected=structs.replace(command.expected, reference=seat.life.desk.id),
            not_after=seat.written_by,
            answer_s=acquirer.host_timeout_s or self._timers.host_s,
            lane=Lane.REQUEST,
        )
        gauge = self._counters.in_flight(command.acquirer)
        gauge.inc()
        self._room.to_host()

        def done(result: HostResult) -> None:
            gauge.dec()
            self._room.from_host()
            match result:
                case Answered(message, elapsed_s):
                    seat.host_s = elapsed_s
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
        self._site.forget(seat.ask.mid, seat.ask.tid)
        self._lookups.promote(seat.ask.mid, seat.ask.tid, number)

    def _reread(self, seat: _Seat) -> None:
        def done(terminal: Terminal | Away | None) -> None:
            if isinstance(terminal, Away):
                self._on(seat, StoreAway())
                return
            if terminal is not None:
                self._site.remember(terminal)
            self._on(seat, TerminalReread(terminal))

        self._lookups.terminal(seat.ask.mid, seat.ask.tid, done, again=True)

    def _join(self, seat: _Seat, first: bytes) -> None:
        """Wait for the first copy: here if it is ours, else by asking the store."""
        under_way = self._seats.get(first)
        if under_way and under_way is not seat and under_way.life.step is not Step.DONE:
            under_way.waiters.append(seat)
            return

        def done(found: Transaction | Away | None) -> None:
            self._on(seat, FirstSettled(None if isinstance(found, Away) else found))

        self._lookups.first_copy(first, seat.deadline, done)

    def _claim(self, seat: _Seat, first: Transaction) -> None:
        def done(stands: bool | Away) -> None:  # where it does not, it is owed its reversal
            settled = replace(first, taken=True) if stands else replace(first, undo=Undo.OWED)
            self._on(seat, FirstSettled(None if isinstance(stands, Away) else settled))

        self._lookups.claim(first.id, done)

    def _reply(self, seat: _Seat, command: Reply) -> None:
        approved = command.approves
        if approved is None:
            seat.ask.answer(command.body, command.code)
            return

        def taken(any_byte: bool) -> None:
            if any_byte:
                self._untaken.taken(approved)
                self._journal.taken(approved)
            elif approved == seat.life.desk.id:
                self._untaken.wait(approved, seat.deadline)

        seat.ask.answer(command.body, command.code, taken)

    def _finish(self, seat: _Seat, code: str) -> None:
        self._room.leave()
        life = seat.life
        self._chips.keep(life.desk.id, life.chip, self._clock())
        self._seats.pop(life.desk.id, None)
        waiters, seat.waiters = seat.waiters, []
        if waiters:
            record = life.settled()
            for waiter in waiters:
                self._on(waiter, FirstSettled(record))
        self._count(seat, code)

    def _count(self, seat: _Seat, code: str) -> None:
        life, payment = seat.life, seat.life.payment
        state, approved_minor = life.result()
        kind = Kind(seat.acquirer, payment.flow.label, payment.method, state, payment.currency)
        total_s = self._clock() - seat.ask.received_at
        self._counters.ended(kind, total_s, seat.host_s, approved_minor)
        if life.is_repeat:
            self._counters.answered(seat.acquirer, code)
            log.get().info("repeat_answered", code=code, tid=payment.key.tid, stan=payment.key.stan)
        elif life.refusal is not None:
            self._refusals.note(seat.ask, code, life.refusal.reason, life.refusal.field)
        else:
            self._counters.answered(seat.acquirer, code)

    def sweep(self, now: float) -> None:
        """Reverse approvals that nobody took in time; forget what was told to chips."""
        self._chips.sweep(now)
        self._untaken.sweep(now)


def _always(_acquirer: str) -> bool:
    """Say yes: what is told first waits for its acquirer (terminal-protocol 8.7)."""
    return True
