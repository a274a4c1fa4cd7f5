"""What a payment asks of the HSM, the acquirer and the journal: one place that puts it together.

Given a payment's meaning (requests.py) and what the house lends it (the desk of transaction.py), it
makes the HSM's parts, the host message, the fingerprint and the journal's first record. It decides
nothing but whether a follow-up fits its original.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from pointsman.codecs.codec import Codec, Message
from pointsman.hsm.commands import HostMessage, MacCheck, MacMethod, PanSeal, PinTranslate
from pointsman.routing.bins import CardRange
from pointsman.store.parties import Acquirer, KeySet, Merchant
from pointsman.store.records import Card, State, Transaction
from pointsman.switch import hosts, responses
from pointsman.switch.flows import Silence
from pointsman.switch.inflight import Expected
from pointsman.switch.requests import CardData, Payment, Refusal
from pointsman.switch.responses import Moment

_FINGERPRINT_SIZE = 16
_CARD_KIND_SALE = "sale"
_MAC_SIZE = 8

HsmParts = tuple[PinTranslate | None, HostMessage | None]


class Lent(Protocol):
    """The parts of a desk that a record needs."""

    @property
    def id(self) -> bytes: ...  # noqa: D102 (told by the class)
    @property
    def moment(self) -> Moment: ...  # noqa: D102 (told by the class)
    @property
    def rrn(self) -> str: ...  # noqa: D102 (told by the class)
    @property
    def card_range(self) -> CardRange | None: ...  # noqa: D102 (told by the class)
    @property
    def session(self) -> int: ...  # noqa: D102 (told by the class)
    @property
    def incarnation(self) -> int: ...  # noqa: D102 (told by the class)


@dataclass(frozen=True, slots=True)
class HostRequest:
    """A worded host message before PIN and MAC, what its answer must say, and what is kept."""

    made: hosts.HostBytes = field(repr=False)
    expected: Expected
    kept: Mapping[str, str]
    stan: str


def mac_check(message: Message, key: bytes, method: MacMethod) -> MacCheck:
    """Return the check of a terminal's MAC: from the MTI to the last byte before field 64."""
    start, end = message.span(64)
    return MacCheck(key, method, message.raw[:start], message.raw[start:end])


def seal(card: CardData | None, row: bytes) -> PanSeal | None:
    """Return what asks for token and cipher text of the card number, or of the payment code."""
    return None if card is None else PanSeal(card.account, row)


def host_request(
    payment: Payment,
    acquirer: Acquirer,
    codec: Codec,
    request: Mapping[int, str],
    *,
    merchant: Merchant,
    moment: Moment,
    rrn: str,
    stan: str,
    original: Transaction | None,
) -> HostRequest:
    """Word what the acquirer hears of this payment."""
    card = payment.card
    draft = hosts.payment(
        hosts.HostSale(
            mti=payment.flow.mti,
            processing_code=payment.flow.processing_code,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            host_time=moment.sent,
            host_stan=stan,
            local_time=moment.time,
            local_date=moment.date,
            entry_mode=payment.entry_mode,
            condition=payment.condition,
            institution=acquirer.institution,
            rrn=original.rrn if original is not None else rrn,
            tid=payment.key.tid,
            merchant=merchant,
            pan=card.account if card is not None and not card.is_code else None,
            payment_code=card.account if card is not None and card.is_code else None,
            expiry=card.expiry if card is not None else "",
            track2=card.track2 if card is not None else "",
            chip=payment.chip,
            card_sequence=payment.card_sequence,
            has_pin=bool(payment.pin_block),
            auth_code=original.auth_code if original is not None else "",
            voucher=payment.voucher,
            original=original_data(original, acquirer) if original is not None else None,
            private=request.get(60, "")[:2],
        )
    )
    return HostRequest(
        made=hosts.encode(codec, draft, mac=acquirer.zak is not None),
        expected=hosts.expected(draft),
        kept=hosts.kept(draft),
        stan=stan,
    )


def original_data(original: Transaction, acquirer: Acquirer) -> hosts.OriginalData:
    """Return field 90 of what follows this transaction."""
    return hosts.OriginalData(
        original.mti, original.host_stan, original.host_time, acquirer.institution
    )


def hsm_parts(payment: Payment, host: HostRequest, acquirer: Acquirer, key_set: KeySet) -> HsmParts:
    """Return the PIN translation and the host message that the HSM completes."""
    made = host.made
    pin = None
    if made.pin_offset is not None and payment.card is not None and acquirer.zpk is not None:
        pin = PinTranslate(
            source=key_set.tpk,
            target=acquirer.zpk,
            block=bytes.fromhex(payment.pin_block),
            pan=payment.card.account,
            target_format=acquirer.pin_format,
        )
    message = HostMessage(
        data=made.data,
        pin_offset=made.pin_offset,
        pin_hex=made.pin_hex,
        mac_key=acquirer.zak,
        mac_method=MacMethod(acquirer.mac_method),
        mac_end=made.mac_end,
        mac_hex=made.mac_hex,
    )
    return pin, message


def host_mac_check(answer: Message, acquirer: Acquirer) -> MacCheck | None:
    """Return the check of an acquirer's MAC; None where there is no key or no MAC."""
    parts = hosts.answer_mac(answer)
    if acquirer.zak is None or parts is None:
        return None
    return MacCheck(acquirer.zak, MacMethod(acquirer.mac_method), *parts)


def told_voucher(host: Mapping[int, str]) -> dict[str, str]:
    """Return field 59 with the payment voucher of a QR payment (pos-protocol 10.2), or nothing."""
    code = hosts.untagged(host.get(48, "")).get(hosts.VOUCHER_TAG, "")
    if not code:
        return {}
    return {"59": hosts.tagged(hosts.VOUCHER_TAG, code).encode("latin-1").hex().upper()}


def approved_minor(payment: Payment, host: Mapping[int, str]) -> int:
    """Return what was approved: the amount asked, or the smaller one of a partial approval."""
    return int(host[4]) if host[39] == responses.PARTIAL else payment.amount_minor


def misfit(payment: Payment, original: Transaction | None, token: bytes) -> Refusal | None:
    """Tell why a follow-up cannot speak of this original (pos-protocol 8.2, 8.3), if so.

    What the original's state allows is asked by the guard at commit 1, not here.
    """
    reference = payment.original
    if original is None or reference is None:
        return Refusal(responses.NOT_FOUND, 61, "original not found")
    if original.kind != _CARD_KIND_SALE:
        return Refusal(responses.INVALID, 61, "the original is not a sale")
    if reference.rrn.strip() not in ("", original.rrn, original.host_rrn):
        return Refusal(responses.NOT_FOUND, 37, "the original has another reference")
    if original.state is not State.APPROVED:
        return Refusal(responses.INVALID, 61, "the original was not approved")
    if payment.card is not None and original.card is not None and token != original.card.token:
        return Refusal(responses.INVALID, 2, "the original was paid with another card")
    paid = original.approved_minor
    if payment.flow.silence is Silence.REVERSE and payment.amount_minor != paid:
        return Refusal("64", 4, "amount differs from the original")
    return None


def fingerprint(payment: Payment, token: bytes) -> bytes:
    """Return 16 bytes that two copies of one request share (switch-behaviour 1, request key)."""
    parts = (
        payment.mti[1:3],
        payment.flow.processing_code,
        payment.condition,
        payment.control.type_code,
        f"{payment.amount_minor:012d}",
        payment.currency,
        token.hex(),
        payment.entry_mode,
        payment.cryptogram,
    )
    return hashlib.sha256("|".join(parts).encode()).digest()[:_FINGERPRINT_SIZE]


def new_record(
    payment: Payment,
    lent: Lent,
    *,
    token: bytes,
    cipher: bytes | None,
    host: HostRequest | None,
    acquirer: str,
    original: Transaction | None,
) -> Transaction:
    """Return the transaction as commit 1 writes it, in state sending."""
    return Transaction(
        id=lent.id,
        key=payment.key,
        fingerprint=fingerprint(payment, token),
        kind=payment.flow.name,
        method=payment.method,
        state=State.SENDING,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        card=kept_card(payment.card, token, cipher) or inherited_card(original),
        scheme=lent.card_range.scheme if lent.card_range else (original.scheme if original else ""),
        domestic=(
            lent.card_range.domestic
            if lent.card_range
            else (original.domestic if original is not None else True)
        ),
        mti=payment.mti,
        processing_code=payment.flow.processing_code,
        entry_mode=payment.entry_mode,
        condition=payment.condition,
        type_code=payment.control.type_code,
        reversible=payment.flow.silence is Silence.REVERSE,
        acquirer=acquirer,
        session=lent.session,
        host_stan=host.stan if host else "",
        host_time=lent.moment.sent,
        rrn=lent.rrn,
        local_time=lent.moment.time,
        local_date=lent.moment.date,
        host=dict(host.kept) if host else {},
        original=original.id if original is not None else None,
        incarnation=lent.incarnation,
    )


def kept_card(card: CardData | None, token: bytes, cipher: bytes | None) -> Card | None:
    """Return what may be kept of a card; of a payment code only token and last four."""
    if card is None or not token:
        return None
    if card.is_code:
        return Card(token, None, "", card.account[-4:])
    return Card(token, cipher, card.account[:6], card.account[-4:])


def inherited_card(original: Transaction | None) -> Card | None:
    """Return the card of the original without its cipher text, which is bound to that row."""
    if original is None or original.card is None:
        return None
    return replace(original.card, cipher=None)
