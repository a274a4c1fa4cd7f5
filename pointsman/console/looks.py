"""How values look on a page: amounts, moments, states with their icon, navigation by right.

Plain values. The words are in words.py, the places of things in templates/. A state is always an
icon, a word and a colour together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pointsman.console.rights import Grant, Resource, Verb, reach
from pointsman.money import currency

# State -> class of colour and icon.
STATES: Mapping[str, tuple[str, str]] = {
    "approved": ("ok", "ok"),
    "declined": ("bad", "bad"),
    "refused": ("bad", "bad"),
    "failed": ("bad", "bad"),
    "unknown": ("warn", "unknown"),
    "in_progress": ("wait", "wait"),
    "reversed": ("back", "back"),
    "reversing": ("warn", "back"),
    "voided": ("back", "void"),
    "refunded": ("back", "refund"),
    "part_refunded": ("back", "refund"),
    "active": ("ok", "on"),
    "online": ("ok", "on"),
    "idle": ("warn", "late"),
    "offline": ("bad", "off"),
    "suspended": ("back", "off"),
    "inventory": ("idle", "ring"),
    "locked": ("warn", "lock"),
    "open": ("wait", "ring"),
    "closing": ("wait", "wait"),
    "closed": ("ok", "done"),
    "done": ("ok", "ok"),
    "waiting_approval": ("wait", "wait"),
    "pending": ("warn", "unknown"),
    "parked": ("bad", "unknown"),
    "due": ("wait", "wait"),
    "sent": ("wait", "wait"),
    "waiting": ("wait", "ring"),
    "rejected": ("bad", "bad"),
    "submitted": ("wait", "ring"),
    "held": ("ok", "on"),
    "free": ("idle", "ring"),
    "balanced": ("ok", "ok"),
    "differs": ("bad", "bad"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation and the right that shows it."""

    path: str
    words: str
    resource: Resource


NAVIGATION: Mapping[str, tuple[Place, ...]] = {
    "Watch": (
        Place("/", "Overview", Resource.TRANSACTIONS),
        Place("/live", "Live stream", Resource.TRANSACTIONS),
        Place("/payments", "Transactions", Resource.TRANSACTIONS),
        Place("/batches", "Batches", Resource.TRANSACTIONS),
        Place("/exceptions", "Exceptions", Resource.TRANSACTIONS),
        Place("/approvals", "Approvals", Resource.REFUNDS),
    ),
    "Merchants": (
        Place("/merchants", "Merchants", Resource.MERCHANTS),
        Place("/applications", "Applications", Resource.LINKS),
        Place("/blacklist", "Refused cards", Resource.LINKS),
    ),
    "Devices": (Place("/terminals", "Terminals", Resource.TERMINALS),),
    "Network": (
        Place("/links", "Acquirers and links", Resource.LINKS),
        Place("/acquirers", "Acquirers", Resource.LINKS),
    ),
    "Money": (
        Place("/settlement", "Settlement", Resource.SETTLEMENT),
        Place("/reconciliations", "Reconciliation", Resource.RECONCILIATION),
    ),
    "Reports": (
        Place("/reports", "Reports", Resource.REPORTS),
        Place("/statistics", "Statistics", Resource.REPORTS),
    ),
    "Platform": (
        Place("/users", "Users", Resource.USERS),
        Place("/roles", "Roles", Resource.USERS),
        Place("/keys", "API keys", Resource.USERS),
        Place("/audit", "Audit trail", Resource.AUDIT),
    ),
}


def navigation(grants: Iterable[Grant]) -> dict[str, list[Place]]:
    """Return the groups and places that these grants may see."""
    held = tuple(grants)
    found = {
        group: [place for place in places if reach(held, place.resource, Verb.VIEW)]
        for group, places in NAVIGATION.items()
    }
    return {group: places for group, places in found.items() if places}


def may(grants: Iterable[Grant], resource: str, verb: str, mid: str) -> bool:
    """Say whether a button may stand here: what the gate will say, from the same table."""
    found = reach(tuple(grants), Resource(resource), Verb(verb))
    return found is not None and found.includes(mid)


def may_touch(grants: Iterable[Grant], resource: str, verb: str, mid: str) -> bool:
    """Say whether a right is held for the merchant, or for an outlet of it."""
    found = reach(tuple(grants), Resource(resource), Verb(verb))
    return found is not None and found.touches(mid)


def may_somewhere(grants: Iterable[Grant], resource: str, verb: str) -> bool:
    """Say whether the right is held anywhere: for acts on many rows, each checked by itself."""
    return reach(tuple(grants), Resource(resource), Verb(verb)) is not None


def amount(text: str) -> str:
    """Return decimal text with groups of three: ``1,234.50``, with a true minus sign."""
    sign = "\N{MINUS SIGN}" if text.startswith("-") else ""
    whole, dot, rest = text.lstrip("-").partition(".")
    return f"{sign}{int(whole):,}{dot}{rest}"


def digits(code: str) -> int:
    """Return how many digits a currency's minor unit has."""
    return currency(code).exponent


def decimal(minor: int, exponent: int) -> str:
    """Return minor units as decimal text, without groups."""
    whole, rest = divmod(minor, 10**exponent)
    return f"{whole}.{rest:0{exponent}d}" if exponent else str(whole)


def percent(basis_points: int | None) -> str:
    """Return ``97.40 %``, or a dash for a rate of nothing."""
    if basis_points is None:
        return "—"
    return f"{basis_points // 100}.{basis_points % 100:02d} %"


def moment(text: str | None, zone: str, *, day: bool = True) -> str:
    """Return a moment of the API in the page's zone, or a dash."""
    if text is None:
        return "—"
    local = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
    return local.strftime("%Y-%m-%d %H:%M:%S" if day else "%H:%M:%S")


def span(milliseconds: int) -> str:
    """Return a span of time in the unit that suits it: ``212 ms``, ``4.120 s``, ``3 min 5 s``."""
    if milliseconds < 1000:  # noqa: PLR2004  # a second
        return f"{milliseconds} ms"
    seconds, rest = divmod(milliseconds, 1000)
    if seconds < 60:  # noqa: PLR2004  # a minute
        return f"{seconds}.{rest:03d} s"
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes} min {seconds} s"


def age(seconds: int) -> str:
    """Return how long something waits: ``40 s``, ``5 min``, ``3 h 20 min``, ``2 d 4 h``."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if not days else f"{days} d {hours % 24} h"


def since(text: str, now: datetime) -> str:
    """Return how long ago a moment of the API was."""
    return age(max(0, int((now - datetime.fromisoformat(text)).total_seconds())))


def initials(name: str) -> str:
    """Return one or two letters for a person."""
    words = name.split()
    return "".join(word[0] for word in words[:2]).upper() or "?"
