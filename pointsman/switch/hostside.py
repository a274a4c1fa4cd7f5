"""The acquirer's side of one payment: the message to it, and what its answer means.

Chosen and worded once; the HSM completes it with PIN block and MAC. Whether and when it is sent is
transaction.py; how the parts are made is outward.py.
"""

from collections.abc import Mapping

from pointsman.codecs.codec import Message
from pointsman.hsm.commands import MacCheck
from pointsman.routing.table import Choice
from pointsman.store.parties import Acquirer, KeySet
from pointsman.store.records import Guard, Outcome, State, Transaction
from pointsman.switch import orders, outward, responses
from pointsman.switch.desk import Desk
from pointsman.switch.flows import Order, Silence
from pointsman.switch.requests import Payment, Refusal
from pointsman.switch.reversals import ReversalReason

_OF_APPROVALS = ("38", "44", "63")  # an order is none yet
_NOTHING = "0" * 12  # field 4
_DAY = 15  # the field of the settlement date
_PARTIAL_CAPABILITY = 13  # where 60.6 stands among the digits of field 60


class HostSide:
    """Empty until `prepare`; `data` is the completed message once the HSM gave it."""

    def __init__(self, payment: Payment, desk: Desk, request: Mapping[int, str]) -> None:
        self.acquirer: Acquirer | None = None
        self.message: outward.HostRequest | None = None
        self.data = b""
        self._scheme = desk.scheme
        self._payment = payment
        self._desk = desk
        self._request = request

    @property
    def carrier(self) -> str:
        """The acquirer that it goes to: nobody, before it is worded or where none wants it."""
        if self.acquirer is None:
            return ""
        unwanted = self._payment.flow.guard is Guard.NOTE and not self.acquirer.takes_scripts
        return "" if unwanted else self.acquirer.name

    def prepare(self, original: Transaction | None) -> Refusal | None:
        """Word the message, once; a refusal where no number can be had."""
        if self.message is not None:
            return None
        if original is not None:
            name = original.acquirer
            self._scheme = self._scheme or original.scheme  # a code's follow-up brings no code
        else:
            assert isinstance(self._desk.route, Choice)
            name = self._desk.route.acquirer
        stan = self._desk.host_stan_of(name)
        if stan is None or not self._desk.rrn:
            return Refusal(responses.MALFUNCTION, None, "no number to give")
        self.acquirer = self._desk.acquirer_of(name)
        self.message = outward.host_request(
            self._payment,
            self.acquirer,
            self._desk.host_codec_of(name),
            self._request,
            merchant=self._desk.merchant,
            moment=self._desk.moment,
            rrn=self._desk.rrn,
            stan=stan,
            original=original,
            order=self._order_number() if self._payment.flow.order is Order.OPENS else "",
            settlement_date=self._desk.settlement_of(name),
        )
        return None

    def _order_number(self) -> str:
        return orders.order_number(self._desk.rrn, self._desk.today)

    def parts(self, key_set: KeySet) -> outward.HsmParts:
        """Return what the HSM completes; nothing where nothing was worded."""
        if self.message is None or self.acquirer is None or self._payment.flow.told_first:
            return None, None  # what is told first is sealed when it is sent (hostseal.py)
        return outward.hsm_parts(self._payment, self.message, self.acquirer, key_set)

    def is_usable(self, host: Mapping[int, str]) -> bool:
        """Tell whether an answer decides anything: a code, and an amount the terminal can take."""
        code = host.get(39, "")
        if self._payment.flow.order is Order.OPENS and responses.is_approved(code):
            return code == responses.APPROVED and bool(outward.told_order("", host)["62"])
        if code != responses.PARTIAL:
            return bool(code)
        capability = self._request.get(60, "")[_PARTIAL_CAPABILITY : _PARTIAL_CAPABILITY + 1]
        return capability == "1" and _NOTHING < host.get(4, "") <= self._request.get(4, "")

    def mac_check(self, answer: Message) -> MacCheck | None:
        """Return the check of the answer's MAC; None where the link has no key."""
        assert self.acquirer is not None
        return outward.host_mac_check(answer, self.acquirer)

    def lacks_mac(self, answer: Message) -> bool:
        """Tell whether an answer comes without the MAC that it must have."""
        assert self.acquirer is not None
        return self.acquirer.zak is not None and 64 not in answer and 128 not in answer

    def told_first(self, code: str, date: str) -> dict[str, str]:
        """Return the answer to what the acquirer hears only afterwards; `date` is field 15."""
        assert self.acquirer is not None
        desk, payment = self._desk, self._payment
        sent = self.message.kept.get("15") if self.message is not None else None
        own = {39: code, 15: sent or date} | ({38: payment.auth_code} if payment.auth_code else {})
        return responses.told_by_host(
            own, desk.moment, desk.rrn, self.acquirer.institution, self._scheme
        )

    def outcome(self, host: Mapping[int, str]) -> Outcome:
        """Return what a usable answer means.

        Its settlement date counts; where it names no day, the one that the request was sent with.
        """
        assert self.acquirer is not None
        desk = self._desk
        if not responses.is_day(host.get(_DAY, "")):
            sent = self.message.kept.get("15") if self.message is not None else None
            undated = {number: host[number] for number in host if number != _DAY}
            host = undated | ({_DAY: sent} if sent else {})
        told = responses.told_by_host(
            host, desk.moment, desk.rrn, self.acquirer.institution, self._scheme
        )
        told |= outward.told_voucher(host) | outward.told_plan(host)
        if host[39] in responses.IN_DOUBT and self._payment.flow.silence is not Silence.FORGET:
            return self._in_doubt(host[39], told)
        if self._payment.flow.order is Order.OPENS and responses.is_approved(host[39]):
            # Nobody has paid as yet: in doubt, and owed until that is known.
            told = {number: told[number] for number in told if number not in _OF_APPROVALS}
            told |= outward.told_order(self._order_number(), host)
            return Outcome(desk.id, State.UNKNOWN, host[39], told, host_code=host[39], owe=True)
        if self._payment.flow.order is Order.PAYS and responses.is_approved(host[39]):
            told |= outward.told_number(self._order_number())
        return outward.outcome(desk.id, self._payment.amount_minor, host, told)

    def _in_doubt(self, code: str, told: dict[str, str]) -> Outcome:
        """Return what it means that the acquirer does not know: undone, or sent on until it does.

        The terminal hears a request's code as it was said; of what is sent on it asks again.
        """
        if self._payment.flow.silence is Silence.REPEAT:
            told = told | {"39": responses.NO_ANSWER}
        return Outcome(
            self._desk.id,
            State.UNKNOWN,
            told["39"],
            told,
            host_code=code,
            owe=True,
            reason=ReversalReason.LATE,
        )
