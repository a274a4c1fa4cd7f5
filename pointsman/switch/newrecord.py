"""The first record of a payment: what commit 1 writes, its fingerprint, and whether it fits.

Given a payment's meaning (requests.py) and what the house lends it (desk.py), it makes the first
row. It decides nothing but whether a follow-up can speak of its original: what that one's state
allows is the guard's, in the store.
"""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import assert_never

from pointsman.store.parties import Acquirer, Merchant
from pointsman.store.records import (
    Card,
    Guard,
    Outcome,
    RequestKey,
    State,
    Transaction,
    Undo,
)
from pointsman.switch import responses
from pointsman.switch.desk import Desk
from pointsman.switch.flows import Ceiling, Find, Flow, Silence
from pointsman.switch.outward import HostRequest
from pointsman.switch.requests import CardData, Payment, Refusal

_FINGERPRINT_SIZE = 16


def misfit(payment: Payment, original: Transaction | None, token: bytes) -> Refusal | None:
    """Tell why a follow-up cannot speak of this original (terminal-protocol 8.2, 8.3), if so.

    What the original's state allows is asked by the guard at commit 1, not here.
    """
    reference = payment.original
    if original is None or reference is None:
        return Refusal(responses.NOT_FOUND, 61, "original not found")
    key = RequestKey(payment.key.mid, payment.key.tid, reference.batch, reference.stan)
    # Only a refund and what is held may speak of a transaction of another terminal.
    anywhere = payment.flow.find is Find.HOLD or payment.flow.guard is Guard.REFUND
    if not anywhere and original.key != key:
        return Refusal(responses.NOT_FOUND, 61, "the original is of another terminal")
    if original.kind not in payment.flow.refers:
        return Refusal(responses.INVALID, 61, "the original is of another type")
    if reference.rrn.strip() not in ("", original.rrn, original.host_rrn):
        return Refusal(responses.NOT_FOUND, 37, "the original has another reference")
    if payment.flow.guard is Guard.NOTE:
        return None
    if original.state is not State.APPROVED:
        return Refusal(responses.INVALID, 61, "the original was not approved")
    if payment.card is not None and original.card is not None and token != original.card.token:
        return Refusal(responses.INVALID, 2, "the original was paid with another card")
    whole = payment.flow.guard is Guard.VOID
    if whole and payment.amount_minor != original.approved_minor:
        return Refusal("64", 4, "amount differs from the original")
    return None


def has_lapsed(flow: Flow, original: Transaction, acquirer: Acquirer, today: date) -> bool:
    """Tell whether what is held is no longer held by its issuer (terminal-protocol 8.4)."""
    if flow.find is not Find.HOLD or original.business_date is None:
        return False
    return today - original.business_date > timedelta(days=acquirer.hold_days)


def ceiling_percent(flow: Flow, acquirer: Acquirer | None, merchant: Merchant) -> int:
    """Return how much of its original a follow-up may come to; 0 is no ceiling."""
    match flow.ceiling:
        case Ceiling.NONE:
            return 0
        case Ceiling.COMPLETION:
            assert acquirer is not None, "what is sent has an acquirer"
            return acquirer.completion_percent
        case Ceiling.TIP:
            return 100 + merchant.tip_percent
        case _:
            assert_never(flow.ceiling)


def fingerprint(payment: Payment, token: bytes) -> bytes:
    """Return 16 bytes that two copies of one request share (switch-rules 1, request key)."""
    parts = (
        payment.mti[1:3],
        payment.processing_code,
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
    lent: Desk,
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
        money=payment.flow.money,
        method=payment.method,
        state=State.SENDING,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        card=kept_card(payment.card, token, cipher) or inherited_card(original),
        scheme=lent.scheme or (original.scheme if original else ""),
        domestic=(
            lent.card_range.domestic
            if lent.card_range
            else (original.domestic if original is not None else True)
        ),
        mti=payment.mti,
        processing_code=payment.processing_code,
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


def settled(
    record: Transaction, outcome: Outcome, business_date: date | None, *, told: bool
) -> Transaction:
    """Return the transaction as commit 2 left it; what may not be told is undone."""
    return replace(
        record,
        business_date=business_date,
        state=outcome.state,
        answer=outcome.answer,
        response_code=outcome.response_code,
        auth_code=outcome.auth_code,
        approved_minor=outcome.approved_minor,
        undo=Undo.NONE if told and not outcome.owe else Undo.OWED,
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
