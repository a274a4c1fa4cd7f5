"""Who may do what: roles, resources and verbs as one table, and the scope of each grant.

The API's checks, the navigation of the pages and the tests are made from `RIGHTS`. Which route
needs which right is in routes.py; where grants are kept, in store/console_people.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is here for."""

    PLATFORM_ADMIN = "platform_admin"
    OPERATOR = "operator"
    RISK = "risk"
    MERCHANT_OWNER = "merchant_owner"
    MERCHANT_STAFF = "merchant_staff"
    MERCHANT_VIEWER = "merchant_viewer"


class Resource(StrEnum):
    """What a right is about."""

    TRANSACTIONS = "transactions"
    REFUNDS = "refunds"
    MERCHANTS = "merchants"
    TERMINALS = "terminals"
    LINKS = "links"
    KEYS = "keys"
    SETTLEMENT = "settlement"
    RECONCILIATION = "reconciliation"
    DISPUTES = "disputes"
    LEDGER = "ledger"
    REPORTS = "reports"
    USERS = "users"
    AUDIT = "audit"
    SETTINGS = "settings"


class Verb(StrEnum):
    """How far a right goes; none includes another."""

    VIEW = "view"
    MANAGE = "manage"
    AUTHORISE = "authorise"
    ACTIVATE = "activate"  # of terminals alone: what staff may do beside looking


class Scope(StrEnum):
    """How wide a grant reaches."""

    PLATFORM = "platform"
    MERCHANT = "merchant"
    OUTLET = "outlet"


V, M, A, T = Verb.VIEW, Verb.MANAGE, Verb.AUTHORISE, Verb.ACTIVATE
_ROLES = tuple(Role)
_TABLE: Mapping[Resource, tuple[str, str, str, str, str, str]] = {
    # platform admin, operator, risk, merchant owner, staff, viewer. M, A and T come with V.
    Resource.TRANSACTIONS: ("V", "VM", "V", "VM", "V", "V"),
    Resource.REFUNDS: ("VA", "VM", "V", "VMA", "VM", "V"),
    Resource.MERCHANTS: ("VMA", "VM", "V", "VM", "V", "V"),
    Resource.TERMINALS: ("VMT", "VMT", "V", "VMT", "VT", "V"),
    Resource.LINKS: ("VMA", "VM", "V", "", "", ""),
    Resource.KEYS: ("VA", "VM", "V", "", "", ""),
    Resource.SETTLEMENT: ("VA", "VM", "V", "V", "", "V"),
    Resource.RECONCILIATION: ("VA", "VM", "V", "", "", ""),
    Resource.DISPUTES: ("V", "VM", "V", "VM", "V", "V"),
    Resource.LEDGER: ("V", "V", "V", "V", "", "V"),
    Resource.REPORTS: ("VM", "VM", "VM", "VM", "V", "VM"),
    Resource.USERS: ("VMA", "", "V", "VM", "", ""),
    Resource.AUDIT: ("V", "", "V", "V", "", ""),
    Resource.SETTINGS: ("VMA", "VM", "V", "VM", "", ""),
}
_LETTERS = {"V": V, "M": M, "A": A, "T": T}

RIGHTS: Mapping[Role, frozenset[tuple[Resource, Verb]]] = {
    role: frozenset(
        (resource, _LETTERS[letter]) for resource, cells in _TABLE.items() for letter in cells[n]
    )
    for n, role in enumerate(_ROLES)
}
"""What each role may do within the scope in which it was granted."""

SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.PLATFORM_ADMIN: frozenset({Scope.PLATFORM}),
    Role.OPERATOR: frozenset({Scope.PLATFORM}),
    Role.RISK: frozenset({Scope.PLATFORM}),
    Role.MERCHANT_OWNER: frozenset({Scope.MERCHANT}),
    Role.MERCHANT_STAFF: frozenset({Scope.MERCHANT, Scope.OUTLET}),
    Role.MERCHANT_VIEWER: frozenset({Scope.MERCHANT}),
}
"""In which scope a role may be granted: a merchant's roles never reach over the platform."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope; `mid` is empty for the platform. A key holds `only` some rights.

    `outlet` is the id of an outlet of `mid` where the scope is one, else empty.
    """

    role: Role
    scope: Scope
    mid: str = ""
    only: frozenset[tuple[Resource, Verb]] | None = None
    outlet: bytes = b""

    def gives(self, resource: Resource, verb: Verb) -> bool:
        """Say whether this grant holds the right."""
        right = (resource, verb)
        return right in RIGHTS[self.role] and (self.only is None or right in self.only)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a right holds: everywhere (`mids` is None), or for these merchants and these outlets.

    `outlets` are of merchants that are not in `mids`, which are `neighbours`: what is not one of
    those outlets is out of reach there.
    """

    mids: frozenset[str] | None
    outlets: frozenset[bytes] = frozenset()
    neighbours: frozenset[str] = frozenset()

    def includes(self, mid: str) -> bool:
        """Say whether the right holds for the whole merchant; the platform's own things are ''."""
        return self.mids is None or (mid != "" and mid in self.mids)

    def covers(self, mid: str, outlet: bytes | None) -> bool:
        """Say whether the right holds for what a merchant did in one of its outlets."""
        return self.includes(mid) or (outlet is not None and outlet in self.outlets)

    def touches(self, mid: str) -> bool:
        """Say whether the right holds for the merchant, or for an outlet of it."""
        return self.includes(mid) or mid in self.neighbours


def reach(grants: Iterable[Grant], resource: Resource, verb: Verb) -> Reach | None:
    """Return where these grants give the right, or None where they nowhere do."""
    giving = [grant for grant in grants if grant.gives(resource, verb)]
    if not giving:
        return None
    if any(grant.scope is Scope.PLATFORM for grant in giving):
        return Reach(None)
    mids = frozenset(grant.mid for grant in giving if grant.scope is Scope.MERCHANT)
    within = [one for one in giving if one.scope is Scope.OUTLET and one.mid not in mids]
    return Reach(
        mids, frozenset(one.outlet for one in within), frozenset(one.mid for one in within)
    )


def may_grant(giver: Iterable[Grant], wanted: Grant) -> bool:
    """Say whether one who holds `giver` may give `wanted`: users:manage, and no more than held."""
    giver = tuple(giver)
    if wanted.scope not in SCOPES[wanted.role]:
        return False
    named = (wanted.mid != "", wanted.outlet != b"")
    if named != (wanted.scope is not Scope.PLATFORM, wanted.scope is Scope.OUTLET):
        return False
    manages = reach(giver, Resource.USERS, M)
    if manages is None or not manages.includes(wanted.mid):
        return False
    if any(g.role is Role.PLATFORM_ADMIN and g.only is None for g in giver):
        return True  # the administrator appoints; the rights themselves are not its own
    return not lacking(giver, RIGHTS[wanted.role], wanted.mid)


def lacking(
    giver: Iterable[Grant], rights: Iterable[tuple[Resource, Verb]], mid: str
) -> list[tuple[Resource, Verb]]:
    """Return those of some rights that one does not hold over a merchant (empty: the platform)."""
    giver = tuple(giver)
    found = []
    for right in sorted(rights):
        held = reach(giver, *right)
        if held is None or not held.includes(mid):
            found.append(right)
    return found


def named(rights: Iterable[tuple[Resource, Verb]]) -> str:
    """Return rights as ``resource:verb`` texts in one line."""
    return ", ".join(f"{resource}:{verb}" for resource, verb in sorted(rights))


def rights_of(texts: Iterable[str]) -> frozenset[tuple[Resource, Verb]]:
    """Return the rights of ``resource:verb`` texts; raises ValueError for one that is none."""
    pairs = (text.partition(":") for text in texts)
    return frozenset((Resource(resource), Verb(verb)) for resource, _, verb in pairs)
