"""What the house lends one payment at its start, and the wording of what it is told.

A desk is values and the few look-ups that a payment may make; `Wording` builds the payment's answer
and keeps it until its MAC is there. What happens to the payment is transaction.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from pointsman.codecs.codec import Codec, Message
from pointsman.hsm.commands import MacMake, MacMethod
from pointsman.routing.bins import CardRange
from pointsman.routing.table import Choice, NoRoute
from pointsman.store.parties import Acquirer, Merchant
from pointsman.store.records import Transaction
from pointsman.switch import responses
from pointsman.switch.requests import Payment
from pointsman.switch.responses import Moment, Unsigned


def _no_date(_acquirer: str) -> str:
    return ""


def _no_chip(_transaction: bytes) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Lent to one payment; nothing of it changes afterwards.

    `card_range` is the card's brand. `route` is the choice for a first payment; a follow-up gets
    its route with its original. `session` is the number of the link session that will carry it,
    `today` the site's calendar date. `chip_of` remembers what a recent answer said to the chip;
    `home` is the merchant's first acquirer, named where no other is known. `settlement_of` is the
    settlement date (MMDD) that an acquirer began last, or nothing.
    """

    id: bytes
    merchant: Merchant
    moment: Moment
    rrn: str
    card_range: CardRange | None
    route: Choice | NoRoute | None
    acquirer_of: Callable[[str], Acquirer]
    host_codec_of: Callable[[str], Codec]
    host_stan_of: Callable[[str], str | None]
    terminal_codec: Codec
    session: int
    incarnation: int
    today: date
    chip_of: Callable[[bytes], str] = _no_chip
    home: str = ""
    settlement_of: Callable[[str], str] = _no_date

    @property
    def scheme(self) -> str:
        """The card's brand, or nothing where it is not known."""
        return self.card_range.scheme if self.card_range else ""

    def told(self, code: str, original: Transaction | None = None) -> dict[str, str]:
        """Return what is told when the switch itself decided about a genuine request.

        The acquirer is that of the original, the one chosen, or else the merchant's first.
        """
        told = responses.told_by_us(code, self.moment, self.rrn)
        told["15"] = f"{self.today:%m%d}"
        name = original.acquirer if original is not None else ""
        if not name:
            name = self.route.acquirer if isinstance(self.route, Choice) else self.home
        if name:
            told["32"] = self.acquirer_of(name).institution
        return told


class Wording:
    """The answer to one payment: worded, then signed.

    `code` is field 39 of what was worded last, `approves` the transaction that it approves.
    """

    def __init__(self, payment: Payment, message: Message, desk: Desk) -> None:
        self.code = ""
        self.approves: bytes | None = None
        self._payment = payment
        self._message = message
        self._desk = desk
        self._unsigned: Unsigned | None = None

    def word(self, told: Mapping[str, str], approves: bytes | None, chip: str = "") -> None:
        """Word the answer; `chip` (scripts, ARPC) is told once and never journaled."""
        card = self._payment.card
        account = card.account if card is not None and not card.is_code else ""
        mti, fields = responses.payment_answer(
            self._message.mti, self._message.fields, account, self._payment.entry_mode, told
        )
        if chip:
            fields[55] = chip
        self._unsigned = responses.unsigned(self._desk.terminal_codec, mti, fields)
        self.code = told["39"]
        self.approves = approves

    def make(self, key: bytes, method: MacMethod) -> MacMake:
        """Return what asks the HSM for the answer's MAC."""
        assert self._unsigned is not None, "nothing was worded"
        return MacMake(key, method, self._unsigned.covered)

    def signed(self, mac: bytes) -> bytes:
        """Return the whole answer."""
        assert self._unsigned is not None, "nothing was worded"
        return self._unsigned.signed(mac)

    def bare(self, code: str) -> bytes:
        """Return an answer without MAC, for a request that was not proven genuine."""
        told = responses.told_by_us(code, self._desk.moment)
        mti, fields = responses.bare_answer(self._message.mti, self._message.fields, told)
        return self._desk.terminal_codec.encode(mti, fields)
