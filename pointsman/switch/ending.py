"""The second half of a payment: from its outcome to its answer, and what copies of it hear.

The outcome is durable before the terminal hears it, an unknown one is owed its undoing, a copy
hears what became of the first. The half before, from the request to the acquirer's answer, is
transaction.py; both are one plain object without socket, clock or database.
"""

from collections.abc import Mapping
from datetime import date

from msgspec import structs

from pointsman.codecs.message import Message
from pointsman.hsm.commands import (
    Inbound,
    MacMake,
    MacMethod,
)
from pointsman.store.parties import KeySet
from pointsman.store.records import (
    Outcome,
    State,
    Transaction,
    Undo,
)
from pointsman.switch import newrecord, responses
from pointsman.switch.desk import Desk, Wording
from pointsman.switch.flows import Silence
from pointsman.switch.requests import Payment, Refusal
from pointsman.switch.steps import (
    AskHsm,
    Claim,
    Command,
    Conclude,
    Finish,
    Join,
    OweLater,
    Reply,
    Step,
)

UNUSABLE_REASON = "22"  # of the reversal: the answer's MAC was wrong, or it could not be used


class Ending:
    """A payment from its outcome to its answer; `PaymentLife` (transaction.py) is the whole."""

    def __init__(self, payment: Payment, message: Message, desk: Desk, method: MacMethod) -> None:
        self.step = Step.CHECK
        self.payment = payment
        self.desk = desk
        self.record: Transaction | None = None
        self.refusal: Refusal | None = None
        self.is_repeat = False
        self._key_set: KeySet | None = None
        self._original: Transaction | None = None
        self._outcome: Outcome | None = None
        self._business_date: date | None = None
        self._tells = True
        self.chip = ""  # what the acquirer says to the chip; told, and never journaled
        self._wording = Wording(payment, message, desk)
        self._signed = b""
        self._mac_method = method

    def settled(self) -> Transaction | None:
        """Return the transaction as the journal has it now, for the copies that wait for it."""
        if self.record is None or self._outcome is None:
            return self.record
        return newrecord.settled(self.record, self._outcome, self._business_date, told=self._tells)

    def result(self) -> tuple[State, int]:
        """Return state and approved amount as in `settled`; refused or failed where we said no."""
        if self.refusal is not None and self._outcome is None:  # the intent itself may be refused
            failed = self.refusal.code == responses.MALFUNCTION
            return (State.FAILED if failed else State.REFUSED), 0
        kept = self.record and (self._outcome or self.record)
        return (kept.state, kept.approved_minor) if kept else (State.REFUSED, 0)

    # -------------------------------------------------------------------------- copies of it

    def _on_repeat(self, first: Transaction) -> list[Command]:
        self.record = None
        self.is_repeat = True
        if first.state is State.SENDING:
            self.step = Step.JOIN
            return [Join(first.id)]
        return self._on_first(first)

    def _on_first(self, first: Transaction | None) -> list[Command]:
        """Answer with what became of the first copy; never with a fresh authorisation."""
        if first is not None and first.id == self.desk.id:
            self.record, self._outcome = first, None
        # An order that its acquirer took is in doubt, too, until it was paid: it has its number.
        given = first is not None and (
            responses.is_approved(first.response_code)
            # As the acquirer said it, and not because nobody answered.
            or (
                first.response_code != responses.NO_ANSWER
                and first.response_code in responses.IN_DOUBT
            )
        )
        if first is None or first.state is State.SENDING:
            # 98 promises an undoing, and nothing is owed yet: the terminal asks again.
            self.step = Step.DONE
            return [Finish()]
        if not first.answer or (first.state is State.UNKNOWN and not given):
            return self._tell_code(responses.NO_ANSWER)
        if first.state is State.APPROVED:
            if first.undo is not Undo.NONE:
                return self._tell_code(responses.NO_ANSWER)
            if first.reversible and not first.taken:
                # Its own worker may owe its reversal now: which of the two is, says the store.
                self.step = Step.JOIN
                return [Claim(first)]
            return self._tell(first.answer, approves=first.id, copied=first.id)
        return self._tell(first.answer, copied=first.id)

    # ------------------------------------------------------------------ commit 2 and the answer

    def _unknown(self, reason: str) -> list[Command]:
        """Conclude as unknown: 98 to the terminal, and the acquirer is owed what undoes it.

        Where nothing can have moved, silence is a decline.
        """
        if self.payment.flow.silence is Silence.FORGET:
            return self._conclude(State.DECLINED, self._told(responses.NO_ANSWER))
        told = self._told(responses.NO_ANSWER)
        self._outcome = Outcome(
            self.desk.id, State.UNKNOWN, told["39"], told, owe=True, reason=reason
        )
        self._signed = b""
        self.step = Step.CONCLUDE
        return [Conclude(self._outcome)]

    def _conclude(self, state: State, told: Mapping[str, str]) -> list[Command]:
        self._outcome = Outcome(self.desk.id, state, told["39"], told)
        self._signed = b""
        self.step = Step.CONCLUDE
        return [Conclude(self._outcome)]

    def _on_concluded(self, tell: bool) -> list[Command]:
        assert self._outcome is not None
        if not tell:
            self._tells = False
            self.step = Step.DONE
            return [Finish()]
        if self._signed:
            return self._reply()
        return self._tell(self._outcome.answer)

    def _on_not_concluded(self) -> list[Command]:
        """Tell no approval that is not durable; what may have moved money is owed its undoing."""
        assert self._outcome is not None
        sent = self._outcome.state is not State.FAILED
        self._outcome = structs.replace(
            self._outcome, state=State.UNKNOWN, response_code=responses.NO_ANSWER, owe=True
        )
        if not sent:
            return self._tell_code(responses.NO_ANSWER)
        # The outcome may have become durable after all: 98 now, and a copy would hear 00.
        self.step = Step.OWE
        return [OweLater(self.desk.id, UNUSABLE_REASON)]

    def _on_debt(self, owed: bool) -> list[Command]:
        """Tell 98; where a copy took the approval, or it was none, what the journal has."""
        self.step = Step.JOIN
        return self._tell_code(responses.NO_ANSWER) if owed else [Join(self.desk.id)]

    def _told(self, code: str) -> dict[str, str]:
        return self.desk.told(code, self._original)

    def _refuse(self, code: str, reason: str) -> list[Command]:
        """Tell what the intent met; it wins over whatever else is wrong with the request."""
        if self.refusal is None or not self.refusal.bars:
            self.refusal = Refusal(code, None, reason)
        return self._tell_code(self.refusal.code)

    def _tell_code(self, code: str) -> list[Command]:
        return self._tell(self._told(code))

    def _tell(
        self, told: Mapping[str, str], approves: bytes | None = None, copied: bytes | None = None
    ) -> list[Command]:
        """Word an answer and have it signed; it goes out when the MAC is there.

        A copy's answer says to the chip what the first one's said, while that is known.
        """
        chip = self.desk.chip_of(copied) if copied is not None else ""
        self._wording.word(told, approves, chip)
        self.step = Step.SIGN
        return [AskHsm(Inbound(make=self._make()))]

    def _make(self) -> MacMake:
        assert self._key_set is not None
        return self._wording.make(self._key_set.tak, self._mac_method)

    def _reply(self) -> list[Command]:
        self.step = Step.DONE
        return [Reply(self._signed, self._wording.code, self._wording.approves)]

    def _bare(self, code: str, reason: str) -> list[Command]:
        """Answer without a MAC: the request was not authenticated, or could not be."""
        self.step = Step.DONE
        if self.refusal is None or not self.refusal.bars:
            self.refusal = Refusal(code, None, reason)
        return [Reply(self._wording.bare(self.refusal.code), self.refusal.code, None)]
