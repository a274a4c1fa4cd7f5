"""The acquirer for a payment, and the reason: merchant, card, rules, contracts, health, in order.

`choose` decides for a first payment, `follow` for what follows one: it goes where its original
went. Both are given the site and a function that says which links can take a request now; both are
deterministic. Card ranges are in bins.py, what is never allowed in rules.py.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from pointsman.routing.bins import CardRange
from pointsman.routing.rules import CARD_REFUSES, HOUSE_RULES, TERMINAL_REFUSES, Rule, refused

MERCHANT_NOT_VALID, NO_ISSUER, NO_ROUTE_UP = "03", "15", "91"

_TIES_MAX = 65_536
"""Ties remembered: merchants times acquirers of equal priority; forgetting only costs a hash."""


class Party(Protocol):
    """A merchant or an acquirer: all that routing wants to know is whether it is active."""

    @property
    def active(self) -> bool: ...  # noqa: D102 (told by the class)


class Contract(Protocol):
    """One contract of a merchant with an acquirer; no schemes means all, lowest priority wins."""

    @property
    def acquirer(self) -> str: ...  # noqa: D102 (told by the class)
    @property
    def priority(self) -> int: ...  # noqa: D102 (told by the class)
    @property
    def schemes(self) -> AbstractSet[str]: ...  # noqa: D102 (told by the class)


class Site(Protocol):
    """Merchants and routes by MID, acquirers by name; the registry's directory is one."""

    @property
    def merchants(self) -> Mapping[str, Party]: ...  # noqa: D102 (told by the class)
    @property
    def acquirers(self) -> Mapping[str, Party]: ...  # noqa: D102 (told by the class)
    @property
    def routes(self) -> Mapping[str, Sequence[Contract]]: ...  # noqa: D102 (told by the class)


class Choice(Struct, frozen=True):
    """Where the payment goes; `reason` tells which contract won and who was passed over."""

    acquirer: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Where nothing can take the payment: `code` is field 39 of the answer."""

    code: str
    reason: str


def choose(
    site: Site,
    mid: str,
    card: CardRange | None,
    method: str,
    kind: str,
    *,
    usable: Callable[[str], bool],
    rules: Sequence[Rule] = HOUSE_RULES,
    happened: bool = False,
) -> Choice | NoRoute:
    """Choose the acquirer for a first payment of this merchant.

    What has `happened` already goes somewhere: nobody's state, no rule is asked (switch-rules 9).

    `card` is what bins.scheme_of or wallets.wallet_of found, None for an unknown range. `usable`
    is asked in order of preference until it says yes. The codes, in order of refusal: 03 merchant
    unknown, not active or without contract; 15 no such issuer; 57 not for this card; 58 not here;
    91 every route is down.
    """
    merchant = site.merchants.get(mid)
    if merchant is None or not (merchant.active or happened):
        return NoRoute(MERCHANT_NOT_VALID, "merchant unknown or not active")
    contracts = site.routes.get(mid, ())
    if not contracts:
        return NoRoute(MERCHANT_NOT_VALID, "merchant has no contract")
    if card is None:
        return NoRoute(NO_ISSUER, "no issuer has such a number")
    rule = None if happened else refused(card.scheme, method, kind, rules)
    fitting = _fitting(site, contracts, rule, card.scheme, happened=happened)
    if isinstance(fitting, NoRoute):
        return fitting
    if len(fitting) > 1:
        fitting.sort(key=lambda found: (found.priority, _tie(mid, found.acquirer)))
    return _first_usable(fitting, card.scheme, usable)


def follow(site: Site, acquirer: str, usable: Callable[[str], bool]) -> Choice | NoRoute:
    """Choose for a void, refund, completion or reversal: where the original went, or nowhere.

    An acquirer that is no longer active still takes what follows its own payments.
    """
    if acquirer not in site.acquirers:
        return NoRoute(NO_ROUTE_UP, "the acquirer of the original is gone")
    if not usable(acquirer):
        return NoRoute(NO_ROUTE_UP, "the acquirer of the original is down")
    return Choice(acquirer, "as the original")


def _fitting(
    site: Site, contracts: Sequence[Contract], rule: Rule | None, scheme: str, *, happened: bool
) -> list[Contract] | NoRoute:
    """Return the contracts that may take this card, in any order, or why there is none."""
    if rule is not None:
        return NoRoute(rule.code, rule.reason)
    fitting = [found for found in contracts if not found.schemes or scheme in found.schemes]
    if not fitting:
        return NoRoute(CARD_REFUSES, f"no contract for {scheme}")
    active = [found for found in fitting if _active(site, found.acquirer)]
    if happened and not active:
        active = [found for found in fitting if found.acquirer in site.acquirers]
    return active or NoRoute(TERMINAL_REFUSES, f"no active acquirer for {scheme}")


def _active(site: Site, acquirer: str) -> bool:
    found = site.acquirers.get(acquirer)
    return found is not None and found.active


def _first_usable(
    contracts: Sequence[Contract], scheme: str, usable: Callable[[str], bool]
) -> Choice | NoRoute:
    passed_over: list[str] = []
    for contract in contracts:
        name = contract.acquirer
        if usable(name):
            reason = f"{scheme} at priority {contract.priority}"
            if passed_over:
                reason += f", {', '.join(passed_over)} down"
            return Choice(name, reason)
        passed_over.append(name)
    return NoRoute(NO_ROUTE_UP, f"all routes down: {', '.join(passed_over)}")


@lru_cache(maxsize=_TIES_MAX)
def _tie(mid: str, acquirer: str) -> bytes:
    """Rank equals by a hash that is the same in every process (Python's own is not)."""
    return hashlib.sha256(f"{mid}\0{acquirer}".encode()).digest()
