"""Which of a merchant's limits one payment counts for: those of its terminal, way, brand and card.

A core. What one payment may come to is asked in checks.py; what adds up over a day or a month is
counted by the store in the commit of the intent (schema/0032_month_limits.sql), by these names.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Final

from pointsman.store.parties import NO_RULES, Merchant, Rules
from pointsman.store.records import Money
from pointsman.switch.requests import Payment

SCOPES: Final = ("", "terminal_", "card_", "method_", "scheme_")
COUNTED: Final = (
    *(
        f"{scope}{period}_{unit}_max"
        for scope, period, unit in product(SCOPES, ("day", "month"), ("count", "minor"))
    ),
    "card_day_merchants_max",
    "refund_day_minor_max",
    "refund_month_minor_max",
    "refund_percent_max",
)
"""Names of `Rules` that the store counts."""
_RULES_MAX: Final = 10_000  # terminals of merchants with rules, ways and brands in use at once


def limits_of(payment: Payment, merchant: Merchant, scheme: str) -> Mapping[str, int] | None:
    """Return the limits that a payment counts for: what is asked beforehand and moves money."""
    flow, rules = payment.flow, merchant.rules
    if rules is NO_RULES or flow.told_first or flow.money not in (Money.DEBIT, Money.CREDIT):
        return None
    return _limits(rules_of(rules, payment.key.tid), payment.method, scheme)


def rules_of(rules: Rules, tid: str) -> Rules:
    """Return a merchant's rules as they are for one of its terminals."""
    # Most have none: to look rules up by their value would cost more than all else here.
    return _own_rules(rules, tid) if rules.terminals else rules


@lru_cache(maxsize=_RULES_MAX)
def _own_rules(rules: Rules, tid: str) -> Rules:
    for own in rules.terminals:
        if own.tid == tid:
            return replace(
                rules,
                amount_max_minor=own.amount_max_minor or rules.amount_max_minor,
                terminal_day_count_max=own.day_count_max or rules.terminal_day_count_max,
                terminal_day_minor_max=own.day_minor_max or rules.terminal_day_minor_max,
                terminal_month_count_max=own.month_count_max or rules.terminal_month_count_max,
                terminal_month_minor_max=own.month_minor_max or rules.terminal_month_minor_max,
            )
    return rules


@lru_cache(maxsize=_RULES_MAX)
def _limits(rules: Rules, method: str, scheme: str) -> Mapping[str, int]:
    found = {}
    for name in COUNTED:
        value = getattr(rules, name)
        if isinstance(value, tuple):
            value = dict(value).get(scheme if name.startswith("scheme_") else method, 0)
        if value:
            found[name] = value
    return found
