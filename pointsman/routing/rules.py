"""What no contract can allow: combinations of scheme, method and kind that are refused.

Rows in order, the first that matches refuses with its code. What a merchant's contracts allow, and
which acquirer is chosen, is in table.py. Words for methods and kinds are those of the metrics
(`chip`, `stripe`, `manual`, `qr_consumer` ...; `sale`, `void`, `refund` ...).
"""

from collections.abc import Sequence
from dataclasses import dataclass

CARD_REFUSES, TERMINAL_REFUSES = "57", "58"
"""Field 39: not permitted to the card holder, not permitted to the terminal."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuses where all three sets match; an empty set matches everything."""

    code: str
    reason: str
    schemes: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def matches(self, scheme: str, method: str, kind: str) -> bool:
        """Say whether this row speaks about such a payment."""
        return (
            (not self.schemes or scheme in self.schemes)
            and (not self.methods or method in self.methods)
            and (not self.kinds or kind in self.kinds)
        )


_CARD_METHODS = frozenset({"chip", "contactless", "stripe", "manual"})

HOUSE_RULES: tuple[Rule, ...] = (
    Rule(
        CARD_REFUSES,
        "Maestro cards are never keyed in",
        schemes=frozenset({"MAE"}),
        methods=frozenset({"manual"}),
    ),
    Rule(
        CARD_REFUSES,
        "a wallet's code is no card",
        schemes=frozenset({"ALP", "WXP"}),
        methods=_CARD_METHODS,
    ),
    Rule(
        TERMINAL_REFUSES,
        "wallets know no pre-authorisation",
        schemes=frozenset({"ALP", "WXP"}),
        kinds=frozenset({"preauth", "completion"}),
    ),
)


def refused(
    scheme: str, method: str, kind: str, rules: Sequence[Rule] = HOUSE_RULES
) -> Rule | None:
    """Return the first rule that refuses such a payment, or None."""
    return next((rule for rule in rules if rule.matches(scheme, method, kind)), None)
