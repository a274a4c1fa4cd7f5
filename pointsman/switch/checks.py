"""The checks of one payment before it is sent, in the order of switch-rules 9.

Which answer wins is said by the order here; what needs the card's token (duplicate, batch, the
original's state) is decided by the store at commit 1, which comes before all of these. Format rules
are found while reading (requests.py); the route is routing's.
"""

from datetime import date

from pointsman.routing.bins import CardRange, luhn_valid, scheme_of
from pointsman.routing.wallets import wallet_of
from pointsman.store.parties import NO_RULES, Merchant, Rules
from pointsman.switch.limits import rules_of
from pointsman.switch.requests import CardData, Payment, Refusal

FORMAT = "30"
INVALID_AMOUNT = "13"
WRONG_CURRENCY = "A1"
NO_SUCH_CARD = "14"
EXPIRED = "54"
NOT_ALLOWED = "58"
USE_CHIP = "45"
OVER_AMOUNT = "61"
_CENTURY_HALF = 50


def range_of(card: CardData | None) -> CardRange | None:
    """Return the brand of a card or of a payment code, by its first digits and its length."""
    if card is None:
        return None
    find = wallet_of if card.is_code else scheme_of
    return find(card.account[:11], len(card.account))


def refusal(
    payment: Payment, merchant: Merchant, card_range: CardRange | None, today: date
) -> Refusal | None:
    """Return the first rule that the payment breaks, or None; `today` is the merchant's date."""
    if payment.refusal is not None:
        return payment.refusal
    if payment.chip_doubt and merchant.strict_chip:
        return Refusal(FORMAT, 55, payment.chip_doubt)
    if payment.amount_minor == 0 and 4 in payment.flow.required:
        return Refusal(INVALID_AMOUNT, 4, "amount is zero")
    if payment.currency != merchant.currency:
        return Refusal(WRONG_CURRENCY, 49, "not the merchant's currency")
    if payment.flow.told_first:
        return None  # who told us afterwards has taken the card already (switch-rules 9)
    if payment.card is not None and not payment.card.is_code:
        found = card_refusal(payment.card, card_range, today)
        if found is not None:
            return found
    return forbidden(payment, merchant.rules)


def forbidden(payment: Payment, rules: Rules) -> Refusal | None:
    """Return why this type, or this way of taking a card, is not allowed to the merchant."""
    if not rules.forbids:
        return None
    if payment.flow.name in rules.forbids:
        return Refusal(NOT_ALLOWED, 3, "this type is not allowed to the merchant")
    first = not payment.flow.follows
    if first and payment.method == "manual" and "manual" in rules.forbids:
        return Refusal(NOT_ALLOWED, 22, "keyed cards are not allowed to the merchant")
    if first and payment.is_fallback and "fallback" in rules.forbids:
        return Refusal(USE_CHIP, 60, "the stripe of a chip card is not allowed to the merchant")
    return None


def over_limit(
    payment: Payment, merchant: Merchant, scheme: str = "", time: str = ""
) -> Refusal | None:
    """Return why the amount is too large for one payment; sums of a day are the store's matter.

    `scheme` is the card's brand, `time` the site's local time (hhmmss).
    """
    rules = rules_of(merchant.rules, payment.key.tid)
    if rules is NO_RULES or payment.flow.told_first or payment.flow.follows:
        return None
    amount = payment.amount_minor
    if 0 < rules.amount_max_minor < amount:
        return Refusal(OVER_AMOUNT, 4, "more than one payment may be")
    if amount > dict(rules.method_max_minor).get(payment.method, amount):
        return Refusal(OVER_AMOUNT, 4, f"more than one payment may be by {payment.method}")
    if amount > dict(rules.scheme_max_minor).get(scheme, amount):
        return Refusal(OVER_AMOUNT, 4, f"more than one payment may be with {scheme}")
    if rules.night and amount > rules.night_max_minor and is_within(rules.night, time):
        return Refusal(OVER_AMOUNT, 4, "more than one payment may be at this hour")
    return None


def is_within(hours: str, time: str) -> bool:
    """Tell whether a time (hhmmss) is in these hours (hh:mm-hh:mm), which may pass midnight."""
    begins, ends = hours[:2] + hours[3:5], hours[6:8] + hours[9:11]
    now = time[:4]
    if begins <= ends:
        return begins <= now < ends
    return now >= begins or now < ends


def card_refusal(card: CardData, card_range: CardRange | None, today: date) -> Refusal | None:
    """Return why this card number or expiry cannot be right; an unknown range is routing's 15."""
    if card_range is not None and card_range.luhn and not luhn_valid(card.account):
        return Refusal(NO_SUCH_CARD, 2, "check digit is wrong")
    if card.expiry and expired(card.expiry, today):
        return Refusal(EXPIRED, 14, "card has expired")
    return None


def expired(expiry: str, today: date) -> bool:
    """Tell whether a card of this expiry (YYMM) is no longer good; an impossible month is expired.

    The two-digit year is the one within fifty years of today.
    """
    year = today.year - today.year % 100 + int(expiry[:2])
    if year < today.year - _CENTURY_HALF:
        year += 100
    elif year > today.year + _CENTURY_HALF:
        year -= 100
    month = int(expiry[2:4])
    return not 1 <= month <= 12 or (year, month) < (today.year, today.month)
