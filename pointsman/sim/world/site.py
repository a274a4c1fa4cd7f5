"""The site of a run: merchants, terminals and acquirers in the store, under published test keys.

A core. Two acquirers of different dialects and framings as in the demo; the third merchant's cards
go to one of two by scheme. How a site file is read is site/ of the product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Protocol

from pointsman.sim.cards import CARDS
from pointsman.sim.terminal_options import Identity
from pointsman.sim.world.plan import Plan
from pointsman.store.memory import MemoryDatabase, TerminalRow
from pointsman.store.parties import NO_RULES, Acquirer, KeySet, KeySetState, Merchant, Route

ZPK: Final = bytes.fromhex("3B6E10E5E95DB68F08137A38671FC1BC")
ZAK: Final = bytes.fromhex("92CBAE529E439D623885CDE64A8CA1CE")
ACQUIRERS: Final[Mapping[str, Acquirer]] = MappingProxyType(
    {
        "alpha": Acquirer(
            name="alpha",
            institution="48021000",
            format="ascii87-hexbitmap",
            framing="ascii4",
            host="alpha",
            port=9101,
            active=True,
            zpk=None,
            zak=None,
            mac_method="x9.19",
        ),
        "beta": Acquirer(
            name="beta",
            institution="48032900",
            format="ascii87-binbitmap",
            framing="len2",
            host="beta",
            port=9102,
            active=True,
            zpk=None,
            zak=None,
            mac_method="x9.19",
            reversal_mti="0400",
        ),
    }
)
PROVING: Final = 4
"""The last merchant: at its terminals it is proven that workers serve; no limit is on it."""
LISTED_CODE: Final = "41"
_PLACES = ("Harbour Tea House", "Northern Books", "Garden Market", "Proving Ground")


class KeyMaker(Protocol):
    """Makes key blocks of published test keys."""

    def key(self, usage: str, clear: bytes) -> bytes: ...  # noqa: D102

    def token(self, pan: str) -> bytes: ...  # noqa: D102


def make_site(
    db: MemoryDatabase, keys: KeyMaker, plan: Plan, identities: Sequence[Identity]
) -> None:
    """Fill the tables with the site of a plan."""
    zpk, zak = keys.key("ZPK", ZPK), keys.key("ZAK", ZAK)
    accepts = frozenset({"25"}) if plan.accepts_25 else frozenset[str]()
    for name in plan.acquirers:
        db.acquirers[name] = replace(
            ACQUIRERS[name],
            zpk=zpk,
            zak=zak,
            accepts=accepts,
            request_life_s=plan.request_life_s,
            echo_s=plan.timers.echo_s,
            reconciles=plan.reconciles,
        )
    tmk, tpk = keys.key("TMK", identities[0].tmk), keys.key("TPK", identities[0].pik)
    for number, identity in enumerate(identities):
        mid, tid = identity.mid, identity.tid
        row = TerminalRow(mid, tid, True, "cup-bcd", "tpdu-header", "cup-ecb", tmk)
        if number < plan.nii:
            row = TerminalRow(mid, tid, True, "nii-bcd", "tpdu", "x9.19", b"")
            row.key_sets[0] = (KeySet(0, tpk, b"", KeySetState.CURRENT), 0.0)
        db.add_terminal(row)
    for number, place in enumerate(_PLACES, 1):
        mid = f"89810005331000{number}"
        rules = NO_RULES if number == PROVING else plan.rules
        db.merchants[mid] = Merchant(mid, place, "5812", "Shanghai", "CN", "156", True, rules=rules)
        db.routes[mid] = tuple(
            Route(mid, name, priority) for priority, name in enumerate(_order(plan, number))
        )
    if plan.listed_card:
        db.blacklist["\\x" + keys.token(CARDS[plan.listed_card].pan).hex()] = LISTED_CODE
    db.version = 1


def _order(plan: Plan, number: int) -> tuple[str, ...]:
    """Return a merchant's acquirers, the preferred one first."""
    names = plan.acquirers
    return names if number % 2 else names[::-1]
