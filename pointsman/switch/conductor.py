"""All payments of one worker: each event goes to its payment, each command to where it is done.

A plain object: callbacks in, calls out, no task per payment. Copies of a payment are seats.py,
approvals that nobody has taken untaken.py, what chips were told chipmemory.py, what goes to
acquirers hostcalls.py, what is asked of the store inquiries.py. One payment's life is
transaction.py; frames come from reception.py; what is no payment is errands.py.
"""

from collections.abc import Callable
from typing import assert_never

from pointsman import log
from pointsman.config import Config
from pointsman.hsm.commands import Answer, HsmUnavailable, Inbound, Outbound, Refused
from pointsman.metrics import Metrics
from pointsman.routing.table import Choice, NoRoute, choose
from pointsman.routing.wallets import SHOWN_CODE
from pointsman.store.parties import Terminal
from pointsman.store.verbs import Journal
from pointsman.switch import checks
from pointsman.switch.chipmemory import ChipMemory
from pointsman.switch.desk import Desk
from pointsman.switch.flows import Order
from pointsman.switch.hostcalls import HostCalls
from pointsman.switch.inquiries import Inquiries, always
from pointsman.switch.lookups import Lookups
from pointsman.switch.paymentmetrics import Kind, PaymentMetrics
from pointsman.switch.ports import Ask, Hsm
from pointsman.switch.refusals import Refusals
from pointsman.switch.requests import Payment
from pointsman.switch.room import Room
from pointsman.switch.seats import Seat, Seats
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
    Intend,
    Join,
    OweLater,
    Promote,
    Reply,
    RereadTerminal,
    Send,
)
from pointsman.switch.transaction import PaymentLife
from pointsman.switch.untaken import Untaken


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
        self._seats = Seats(lookups, self._on)
        self._inquiries = Inquiries(site, lookups, self._on)
        self._hosts = HostCalls(
            site, config.timers, self._room, self._counters, clock=clock, on=self._on
        )
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
                usable=always if told_first else self._site.usable,
                happened=told_first,
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
            settlement_of=self._site.settlement_date,
        )
        refusal = checks.refusal(payment, merchant, card_range, desk.today)
        if payment.chip_doubt:
            key = payment.key
            log.get().warning("chip_differs", tid=key.tid, stan=key.stan, reason=payment.chip_doubt)
        life = PaymentLife(payment, ask.message, terminal, desk, refusal)
        seat = Seat(ask, life, ask.received_at + self._timers.switch_s)
        self._room.enter()
        self._perform(seat, life.start())
        return True

    def _on(self, seat: Seat, event: Event) -> None:
        self._perform(seat, seat.life.on(event))

    def _perform(self, seat: Seat, commands: list[Command]) -> None:  # noqa: C901
        """Do what a payment asks for; each result comes back through `_on`."""
        now = self._clock()
        for command in commands:
            match command:  # the five of every sale stand first
                case AskHsm(request):
                    self._ask_hsm(seat, request, now)
                case Intend(intent):
                    self._seats.take(intent.transaction.id, seat)
                    seat.acquirer = intent.transaction.acquirer or "none"
                    seat.written_by = min(now + self._timers.sent_within_s, seat.deadline)
                    deadline = min(now + self._timers.database_s, seat.deadline)
                    self._journal.intend(intent, deadline, lambda result: self._on(seat, result))
                case Send():
                    self._hosts.send(seat, command, now)
                case Conclude(outcome):
                    deadline = now + self._timers.database_s
                    self._journal.conclude(outcome, deadline, lambda result: self._on(seat, result))
                case Reply():
                    self._reply(seat, command)
                    self._finish(seat, command.code)
                case FindOriginal():
                    self._inquiries.original(seat, command)
                case Promote(number):
                    self._inquiries.promote(seat, number)
                case RereadTerminal():
                    self._inquiries.reread(seat)
                case Join(first):
                    self._seats.join(seat, first)
                case Claim(copied):
                    self._seats.claim(seat, copied)
                case OweLater(transaction, reason):
                    self._lookups.owe(
                        transaction, reason, lambda owed: self._on(seat, DebtSettled(owed))
                    )
                case Finish():
                    seat.ask.connection.drop()
                    self._finish(seat, "")
                case _:
                    assert_never(command)

    def _ask_hsm(self, seat: Seat, request: Outbound | Inbound, now: float) -> None:
        def done(answer: Answer | HsmUnavailable) -> None:
            if isinstance(answer, Refused):
                log.get().error("hsm_refused", code=answer.code, reason=answer.reason)
            self._on(seat, answer)  # type: ignore[arg-type]  # it answers what it was asked

        self._hsm.submit(request, now + self._timers.hsm_s, done)

    def _reply(self, seat: Seat, command: Reply) -> None:
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

    def _finish(self, seat: Seat, code: str) -> None:
        self._room.leave()
        life = seat.life
        self._chips.keep(life.desk.id, life.chip, self._clock())
        self._seats.leave(seat)
        self._count(seat, code)

    def _count(self, seat: Seat, code: str) -> None:
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
