"""One payment's life, from the decoded request to the answer: events in, commands out.

A plain object without socket, clock or database, by the steps of switch-rules 5. Nothing is sent
before the intent is durable, nothing is told before the outcome is. conductor.py performs the
commands and brings the events; messages are worded in hosts.py and responses.py. From the outcome
on it is ending.py.
"""

from dataclasses import replace
from typing import assert_never

from pointsman.codecs.message import Message
from pointsman.hsm.commands import (
    HsmUnavailable,
    Inbound,
    InboundDone,
    Outbound,
    OutboundDone,
    Refused,
)
from pointsman.routing.table import NoRoute
from pointsman.store.parties import KeySetState, Terminal
from pointsman.store.records import (
    BatchNotOpen,
    Concluded,
    Conflicting,
    GuardFailed,
    Intent,
    NotConcluded,
    NotDurable,
    Recorded,
    Repeated,
    State,
    Tombstone,
)
from pointsman.switch import checks, newrecord, outward, responses
from pointsman.switch.desk import Desk
from pointsman.switch.ending import UNUSABLE_REASON, Ending
from pointsman.switch.flows import Find
from pointsman.switch.hostside import HostSide
from pointsman.switch.limits import limits_of
from pointsman.switch.outward import METHODS
from pointsman.switch.requests import Payment, Refusal
from pointsman.switch.steps import (
    AskHsm,
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
    OriginalSought,
    Promote,
    RereadTerminal,
    Send,
    Step,
    StoreAway,
    TerminalReread,
)

_SILENCE_REASON = "68"  # field 39 of the reversal: the answer came too late, or never
_NOT_GENUINE = "MAC absent or wrong, or not signed in"


class PaymentLife(Ending):
    """A payment between its request and its answer."""

    def __init__(
        self,
        payment: Payment,
        message: Message,
        terminal: Terminal,
        desk: Desk,
        refusal: Refusal | None,
    ) -> None:
        super().__init__(payment, message, desk, METHODS[terminal.mac_method])
        self.refusal = refusal
        self._message = message
        self._terminal = terminal
        self._tried: set[int] = set()
        self._reread = False
        self._token = b""
        self._cipher: bytes | None = None
        self._host = HostSide(payment, desk, message.fields)

    def start(self) -> list[Command]:
        """Begin with the MAC of the request; without one, or without keys, it is A0."""
        if 64 not in self._message:
            return self._bare(responses.WRONG_MAC, _NOT_GENUINE)
        if self.refusal is None:
            desk = self.desk
            self.refusal = checks.over_limit(
                self.payment, desk.merchant, desk.scheme, desk.moment.time
            )
        route = self.desk.route
        if self.refusal is None and isinstance(route, NoRoute):
            self.refusal = Refusal(route.code, None, route.reason)
        return self._check()

    def on(self, event: Event) -> list[Command]:  # noqa: C901, PLR0911, PLR0912 (the one door)
        """Take one event; return what is to be done now."""
        match event:
            # In the order in which an approved sale comes by: patterns are tried from above.
            case OutboundDone():
                return self._on_outbound(event)
            case Recorded():
                return self._on_recorded(event)
            case HostAnswered():
                return self._on_host(event.message)
            case InboundDone():
                return self._on_inbound(event)
            case Concluded():
                return self._on_concluded(event.tell)
            case HsmUnavailable() | Refused():
                return self._on_hsm_away()
            case TerminalReread():
                return self._on_terminal(event.terminal)
            case OriginalSought():
                return self._on_original(event)
            case Repeated():
                return self._on_repeat(event.first)
            case Conflicting():
                return self._refuse(responses.DUPLICATE, "request key taken by another request")
            case Tombstone():
                return self._refuse(responses.INVALID, "its reversal came first")
            case BatchNotOpen():
                return self._refuse(responses.WRONG_BATCH, "not the open batch")
            case GuardFailed():
                return self._refuse(event.code, "original, list or limit does not allow it")
            case NotDurable():
                return self._refuse(responses.MALFUNCTION, event.reason)
            case HostSilent():
                return self._unknown(_SILENCE_REASON)
            case HostNotSent():
                return self._conclude(State.FAILED, self._told(responses.NOT_SENT))
            case NotConcluded():
                return self._on_not_concluded()
            case FirstSettled():
                return self._on_first(event.first)
            case DebtSettled():
                return self._on_debt(event.owed)
            case StoreAway():
                return self._on_store_away()
            case _:
                assert_never(event)

    # ------------------------------------------------------------------- trip 1 and the intent

    def _check(self) -> list[Command]:
        """Ask for the MAC under the next key set; the whole of trip 1 where nothing is missing."""
        sets = self._terminal.key_sets if self._terminal.signed_in else ()
        key_set = next((one for one in sets if one.number not in self._tried), None)
        if key_set is None:
            if self._reread:
                return self._bare(responses.WRONG_MAC, _NOT_GENUINE)
            self._reread = True
            return [RereadTerminal()]
        self._tried.add(key_set.number)
        self._key_set = key_set
        whole = self.refusal is None and not self.payment.flow.follows
        if whole:
            self.refusal = self._host.prepare(None)
        self.step = Step.PREPARE if whole else Step.CHECK
        mac = outward.mac_check(self._message, key_set.tak, self._mac_method)
        seal = outward.seal(self.payment.card, self.desk.id)
        pin, host = self._host.parts(key_set) if whole else (None, None)
        return [AskHsm(Outbound(mac, seal, pin, host))]

    def _on_terminal(self, terminal: Terminal | None) -> list[Command]:
        if terminal is None:
            return self._bare(responses.WRONG_MAC, _NOT_GENUINE)
        self._terminal, self._mac_method = terminal, METHODS[terminal.mac_method]
        return self._check()

    def _on_store_away(self) -> list[Command]:
        """Refuse what was not sent, for want of what only the store knows."""
        if self.step is Step.FIND:
            return self._refuse(responses.MALFUNCTION, "store away")
        return self._bare(responses.MALFUNCTION, "store away")

    def _on_outbound(self, done: OutboundDone) -> list[Command]:
        if done.mac_ok is False:
            return self._check()
        commands: list[Command] = []
        assert self._key_set is not None
        if done.mac_ok and self._key_set.state is KeySetState.PENDING:
            commands.append(Promote(self._key_set.number))
        if done.token is not None:
            self._token, self._cipher = done.token, done.cipher
        if done.host is not None:
            self._host.data = done.host
        if done.pin_ok is False:
            self.refusal = Refusal(responses.PIN_BLOCK_WRONG, 52, "PIN block does not open")
        if self.step is Step.CHECK and self.refusal is None:
            self.step = Step.FIND
            by_card = self.payment.flow.find is Find.HOLD
            return [*commands, FindOriginal(self.payment, self._token if by_card else None)]
        return [*commands, self._intend()]

    def _on_original(self, event: OriginalSought) -> list[Command]:
        self._original = event.original
        self.refusal = newrecord.misfit(self.payment, event.original, self._token)
        if self.refusal is None and isinstance(event.route, NoRoute):
            self.refusal = Refusal(event.route.code, None, event.route.reason)
        if self.refusal is None:
            self.refusal = self._host.prepare(event.original)
        if self.refusal is None and self._has_lapsed():
            self.refusal = Refusal(responses.INVALID, 61, "what was held has lapsed")
        if self.refusal is not None or self.payment.flow.told_first:
            return [self._intend()]
        assert self._key_set is not None
        self.step = Step.PREPARE
        pin, host = self._host.parts(self._key_set)
        return [AskHsm(Outbound(pin=pin, host=host))]

    def _intend(self) -> Command:
        """Make commit 1: as sending, or as refused so that a repeat gets the same answer.

        What is told before the acquirer has it stands approved at once.
        """
        flow = self.payment.flow
        record = newrecord.new_record(
            self.payment,
            self.desk,
            token=self._token,
            cipher=self._cipher,
            host=self._host.message,
            acquirer=self._host.carrier,
            original=self._original,
        )
        if self.refusal is not None:
            told = self._told(self.refusal.code)
            record = replace(
                record, state=State.REFUSED, response_code=self.refusal.code, answer=told
            )
        elif flow.told_first:
            record = replace(
                record,
                state=State.APPROVED,
                response_code=responses.APPROVED,
                answer=self._host.told_first(responses.APPROVED, self.desk.moment.date),
                auth_code=self.payment.auth_code,
                approved_minor=record.amount_minor,
            )
        elif flow.guard is not None:
            # Where the guard fails, the store adds the code: this is what a repeat is told.
            record = replace(record, answer=self._told(""))
        self.record = record
        self.step = Step.INTEND
        limits = limits_of(self.payment, self.desk.merchant, record.scheme)
        if self.refusal is not None:
            return Intend(Intent(record, limits=limits))
        percent = newrecord.ceiling_percent(flow, self._host.acquirer, self.desk.merchant)
        return Intend(Intent(record, flow.guard, percent, limits, self.payment.invoice))

    def _has_lapsed(self) -> bool:
        assert self._original is not None
        assert self._host.acquirer is not None
        return newrecord.has_lapsed(
            self.payment.flow, self._original, self._host.acquirer, self.desk.today
        )

    def _on_recorded(self, event: Recorded) -> list[Command]:
        assert self.record is not None
        self._business_date = event.business_date
        if self.refusal is not None or self.payment.flow.told_first:
            return self._tell(self.record.answer)
        assert self._host.message is not None
        self.step = Step.HOST
        return [Send(self.record.acquirer, self._host.data, self._host.message.expected)]

    # ----------------------------------------------------------------- the acquirer's answer

    def _on_host(self, answer: Message) -> list[Command]:
        fields = answer.fields
        if not self._host.is_usable(fields) or self._host.lacks_mac(answer):
            return self._unknown(UNUSABLE_REASON)
        self._outcome = self._host.outcome(fields)
        approved = self._outcome.state is State.APPROVED
        self.chip = fields.get(55, "")
        self._wording.word(self._outcome.answer, self.desk.id if approved else None, self.chip)
        self.step = Step.VERIFY
        return [AskHsm(Inbound(self._host.mac_check(answer), self._make()))]

    def _on_inbound(self, done: InboundDone) -> list[Command]:
        if done.mac_ok is False:
            return self._unknown(UNUSABLE_REASON)
        assert done.mac is not None
        self._signed = self._wording.signed(done.mac)
        if self.step is Step.SIGN:
            return self._reply()
        assert self._outcome is not None
        self.step = Step.CONCLUDE
        return [Conclude(self._outcome)]

    def _on_hsm_away(self) -> list[Command]:
        """Go on without the HSM: refuse what was not sent, treat what was sent as unanswered.

        An answer that cannot be signed is not given: the terminal repeats or reverses.
        """
        match self.step:
            case Step.VERIFY:
                return self._unknown(UNUSABLE_REASON)
            case Step.SIGN:
                self.step = Step.DONE
                return [Finish()]
            case _:
                return self._bare(responses.MALFUNCTION, "HSM away")
