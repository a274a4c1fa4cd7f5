"""Who takes part: merchants, terminals with their keys and batch, acquirers, routes.

Values only, as the registry gives them; keys are key blocks (text under the HSM's master key),
never clear. Which acquirer gets a payment is decided in routing/, what a terminal may do in
switch/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

import msgspec

By = tuple[tuple[str, int], ...]
"""Limits by a name, of a way to take cards or of a brand; sorted."""


@dataclass(frozen=True, slots=True)
class TerminalRules:
    """Limits of one terminal, in place of what its merchant's rules give to each; 0: as there.

    What counts is this terminal's alone.
    """

    tid: str
    amount_max_minor: int = 0
    day_count_max: int = 0
    day_minor_max: int = 0
    month_count_max: int = 0
    month_minor_max: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What is not allowed to a merchant, and how much of it in a day and a month; 0 is no limit.

    `forbids` are names of transaction types, and `manual` (a keyed card) and `fallback` (the
    stripe of a chip card). Amounts are minor units of the merchant's currency; days are business
    days, months those of their dates. Sales count for the merchant, for each terminal, for each
    card, for how the card was taken and for its brand; refunds have amounts of their own, and
    `refund_percent_max`: how much of the sales of the last 30 days may be given back in them.
    `card_day_merchants_max` is at how many merchants with that rule one card may pay in a day.
    `method_max_minor` and `scheme_max_minor` are the most of one payment by how the card was taken
    and by its brand; `night_max_minor` the most in the hours `night` ("22:00-06:00", local time),
    where 0 allows none.
    """

    forbids: frozenset[str] = frozenset()
    amount_max_minor: int = 0
    day_count_max: int = 0
    day_minor_max: int = 0
    terminal_day_count_max: int = 0
    terminal_day_minor_max: int = 0
    card_day_count_max: int = 0
    card_day_minor_max: int = 0
    refund_day_minor_max: int = 0
    method_max_minor: By = ()
    scheme_max_minor: By = ()
    night: str = ""
    night_max_minor: int = 0
    month_count_max: int = 0
    month_minor_max: int = 0
    terminal_month_count_max: int = 0
    terminal_month_minor_max: int = 0
    card_month_count_max: int = 0
    card_month_minor_max: int = 0
    card_day_merchants_max: int = 0
    method_day_count_max: By = ()
    method_day_minor_max: By = ()
    method_month_count_max: By = ()
    method_month_minor_max: By = ()
    scheme_day_count_max: By = ()
    scheme_day_minor_max: By = ()
    scheme_month_count_max: By = ()
    scheme_month_minor_max: By = ()
    refund_month_minor_max: int = 0
    refund_percent_max: int = 0
    terminals: tuple[TerminalRules, ...] = ()


NO_RULES = Rules()


def read_rules(text: str) -> Rules:
    """Return rules as the database has them; most have none, which is known by what it is."""
    rules = msgspec.json.decode(text, type=Rules)
    return NO_RULES if rules == NO_RULES else rules


@dataclass(frozen=True, slots=True)
class Merchant:
    """One merchant; `currency` is ISO 4217 numeric text, `city` and `country` go to field 43.

    `tip_percent` is how much a tip may add to what was approved. With `strict_chip` chip data that
    contradicts amount or currency is refused; without, it is logged.
    """

    mid: str
    name: str
    mcc: str
    city: str
    country: str
    currency: str
    active: bool
    tip_percent: int = 100
    strict_chip: bool = False
    rules: Rules = NO_RULES


class KeySetState(StrEnum):
    """The life of a terminal's working keys (terminal-protocol 5)."""

    PENDING = "pending"  # given at a sign-in, not yet seen in use
    CURRENT = "current"
    RETIRING = "retiring"  # replaced; still good for two minutes


@dataclass(frozen=True, slots=True)
class KeySet:
    """Working keys of one sign-in, as key blocks; `number` grows with each sign-in."""

    number: int
    tpk: bytes
    tak: bytes
    state: KeySetState


class BatchState(StrEnum):
    """A terminal batch closes in two steps; a new one opens at the next sign-in."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Terminal:
    """One logical terminal, named by (MID, TID), as it stood when it was read.

    `key_sets` are in the order in which a MAC is tried: pending (newest first), current, retiring.
    `mac_method` is a value of hsm.commands.MacMethod; `key_layout` is 60.3 of its sign-in.
    """

    mid: str
    tid: str
    active: bool
    format: str
    framing: str
    mac_method: str
    tmk: bytes
    key_sets: tuple[KeySet, ...]
    signed_in: bool
    batch: str
    batch_state: BatchState


@dataclass(frozen=True, slots=True)
class Acquirer:
    """One acquirer host and how to speak to it; keys are key blocks.

    `institution` is field 32. `reversal_mti` is 0400 or 0420; `accepts` are the codes, beside 00,
    that end a reversal at once (25 where the link guarantees order; 12 and 21 by agreement).
    `request_life_s` is how long a request may still live inside the host. What is held may be
    completed once, up to `completion_percent` of it, within `hold_days` (terminal-protocol 8.4);
    results of card scripts are sent on where it `takes_scripts`. An order that a customer pays by
    telephone may be paid for `order_s`. Where it `reconciles` (0500 or 0520, empty: not at all) its
    settlement dates are held against ours. `zmk` is the key block under which it sends new zone
    keys (0800, 70 = 101).
    """

    name: str
    institution: str
    format: str
    framing: str
    host: str
    port: int
    active: bool
    zpk: bytes | None
    zak: bytes | None
    mac_method: str
    pin_format: int = 0
    reversal_mti: str = "0420"
    accepts: frozenset[str] = frozenset()
    host_timeout_s: float | None = None  # None: the house's timer
    echo_s: float = 60.0
    in_flight_max: int = 200
    request_life_s: float = 60.0
    completion_percent: int = 115
    hold_days: int = 30
    takes_scripts: bool = True
    order_s: float = 120.0
    zmk: bytes | None = None
    reconciles: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One contract of a merchant: payments of these schemes may go to this acquirer.

    Empty `schemes` means all. The lowest `priority` wins.
    """

    mid: str
    acquirer: str
    priority: int
    schemes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Downloads:
    """What terminals may fetch: parameters by code, and sets of TLV objects as hex.

    CA keys (9F06, 9F22, DF02 ...) are public; AIDs are 9F06 with their limits and actions. `tables`
    holds records as hex by the code that fetches them (364, 394, 396, 398).
    """

    parameters: tuple[tuple[str, str], ...] = ()
    ca_keys: tuple[str, ...] = ()
    aids: tuple[str, ...] = ()
    tables: tuple[tuple[str, tuple[str, ...]], ...] = ()


NO_DOWNLOADS = Downloads()


@dataclass(frozen=True, slots=True)
class RefusedCard:
    """One card of the black list as far as anybody is told: its code, first six and last four."""

    code: str
    first6: str
    last4: str


@dataclass(frozen=True, slots=True)
class Directory:
    """All merchants, acquirers and routes of one version of the site; terminals are read singly."""

    version: int
    merchants: Mapping[str, Merchant] = field(default_factory=dict)
    acquirers: Mapping[str, Acquirer] = field(default_factory=dict)
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)  # by MID
    cutoff: time = time(0, 0)
    zone: str = "Asia/Shanghai"
    downloads: Downloads = NO_DOWNLOADS
