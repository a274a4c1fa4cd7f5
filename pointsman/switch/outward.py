"""What a payment asks of the HSM, the acquirer and the journal: one place that puts it together.

Given a payment's meaning (requests.py) and what the house lends it (the desk of transaction.py), it
makes the HSM's parts, the host message, the fingerprint and the journal's first record. It decides
nothing but whether a follow-up fits its original.
"""

from collections.abc import Mapping

from msgspec import Struct

from pointsman.codecs.codec import Codec, Message
from pointsman.hsm.commands import HostMessage, MacCheck, MacMethod, PanSeal, PinTranslate
from pointsman.store.parties import Acquirer, KeySet, Merchant
from pointsman.store.records import Outcome, State, Transaction
from pointsman.switch import hosts, responses
from pointsman.switch.inflight import Expected
from pointsman.switch.requests import CardData, Payment
from pointsman.switch.responses import Moment
from pointsman.switch.reversals import original_data

METHODS = {method.value: method for method in MacMethod}
HsmParts = tuple[PinTranslate | None, HostMessage | None]


class HostRequest(Struct, frozen=True):
    """A worded host message before PIN and MAC, what its answer must say, and what is kept."""

    made: hosts.HostBytes
    expected: Expected
    kept: Mapping[str, str]
    stan: str

    def __repr__(self) -> str:
        return "HostRequest(...)"


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
    order: str = "",
    settlement_date: str = "",
) -> HostRequest:
    """Word what the acquirer hears of this payment."""
    card = payment.card
    draft = hosts.payment(
        hosts.HostSale(
            mti=payment.flow.upstream_mti,
            processing_code=payment.processing_code,
            amount_minor=payment.amount_minor if 4 in request else None,
            currency=payment.currency,
            host_time=moment.sent,
            host_stan=stan,
            local_time=moment.time,
            local_date=moment.date,
            entry_mode=_shown_as(payment.entry_mode),
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
            auth_code=original.auth_code if original is not None else payment.auth_code,
            voucher=payment.voucher or voucher_of(original),
            original=original_data(original) if original is not None else None,
            private=request.get(60, "")[:2],
            plan=_plan(request) if 62 in payment.flow.required and not payment.card_is_code else "",
            order=order,
            settlement_date=settlement_date,
        )
    )
    return HostRequest(
        made=hosts.encode(codec, draft, mac=acquirer.zak is not None),
        expected=hosts.expected(draft),
        kept=hosts.kept(draft),
        stan=stan,
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
        mac_method=METHODS[acquirer.mac_method],
        mac_end=made.mac_end,
        mac_hex=made.mac_hex,
    )
    return pin, message


def host_mac_check(answer: Message, acquirer: Acquirer) -> MacCheck | None:
    """Return the check of an acquirer's MAC; None where there is no key or no MAC."""
    parts = hosts.answer_mac(answer)
    if acquirer.zak is None or parts is None:
        return None
    return MacCheck(acquirer.zak, METHODS[acquirer.mac_method], *parts)


def outcome(
    transaction: bytes, amount_minor: int, host: Mapping[int, str], told: Mapping[str, str]
) -> Outcome:
    """Return the outcome that an acquirer's answer (its fields, with 39) means.

    `amount_minor` is what was asked, `told` what the terminal hears of it, to be journaled.
    """
    code = host[39]
    approved_minor = int(host[4]) if code == responses.PARTIAL else amount_minor
    approved = responses.is_approved(code)
    return Outcome(
        id=transaction,
        state=State.APPROVED if approved else State.DECLINED,
        response_code=code,
        answer=told,
        host_code=code,
        auth_code=told.get("38", ""),
        host_rrn=host.get(37, ""),
        host_date=host.get(15, ""),
        approved_minor=approved_minor if approved else 0,
    )


def _shown_as(entry_mode: str) -> str:
    """Return field 22 as networks want it: a code is 03 there (terminal-protocol 4.1)."""
    return "03" + entry_mode[2:] if entry_mode[:2] == "04" else entry_mode


def _plan(request: Mapping[int, str]) -> str:
    """Return field 62 of an instalment sale as text: number, plan code, how the fee is paid."""
    return bytes.fromhex(request.get(62, "")).decode("ascii", "replace")


def told_plan(host: Mapping[int, str]) -> dict[str, str]:
    """Return field 62 with first payment and fees (terminal-protocol 8.9), or nothing."""
    return {"62": host[62].encode("ascii").hex().upper()} if host.get(62) else {}


def voucher_of(original: Transaction | None) -> str:
    """Return the voucher that an original was answered with, for a follow-up that quotes none."""
    text = bytes.fromhex(original.answer.get("59", "")) if original is not None else b""
    return hosts.untagged(text.decode("latin-1")).get(hosts.VOUCHER_TAG, "")


def told_order(number: str, host: Mapping[int, str]) -> dict[str, str]:
    """Return fields 61 and 62: the order's number, and the text to be shown as a code."""
    text = hosts.untagged(host.get(48, "")).get(hosts.SHOWN_TAG, "")
    return told_number(number) | {"62": text.encode("latin-1").hex().upper()}


def told_number(number: str) -> dict[str, str]:
    """Return field 61: the number by which an order or a wallet's payment is refunded."""
    return {"61": number.encode("ascii").hex().upper()}


def told_voucher(host: Mapping[int, str]) -> dict[str, str]:
    """Return field 59 with the voucher of a QR payment (terminal-protocol 10.2), or nothing."""
    code = hosts.untagged(host.get(48, "")).get(hosts.VOUCHER_TAG, "")
    if not code:
        return {}
    return {"59": hosts.tagged(hosts.VOUCHER_TAG, code).encode("latin-1").hex().upper()}
