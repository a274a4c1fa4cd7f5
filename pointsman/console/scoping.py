"""The scope that a person looks at: all that they may see, one merchant of it, or one outlet.

A core. A scope only narrows what a right reaches, and only on the pages named here; acts and
the API know nothing of it. It is chosen on the page /scope (pages_scope.py) and kept in a cookie,
which anybody may write: what it names is held against the right, an outlet against its merchant.
"""

from dataclasses import dataclass
from typing import Final

from pointsman.console import ids
from pointsman.console.rights import Reach

COOKIE: Final = "pointsman_scope"
PREFIX: Final = "out"
_MID_SIZE: Final = 15
_LISTS = (
    *("payments", "batches", "terminals", "merchants", "settlement", "approvals", "exceptions"),
    *("acquirers", "links", "users", "keys", "outbox", "audit", "report_runs"),
)
NARROWED: Final = frozenset(
    {
        *("/", "/live", "/settlement/{business_date}", "/statistics"),
        *("/reports/{report}", "/reports/{report}/file"),
        *(f"/{name}" for name in _LISTS),
        *(f"/export/{name}" for name in _LISTS),
    }
)
"""The pages that show the scope alone; every other page shows all that its right reaches."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A merchant, or an outlet of it."""

    mid: str
    outlet: bytes = b""

    @property
    def outlet_id(self) -> str:
        """The outlet as the API writes it; empty for a whole merchant."""
        return ids.encode(PREFIX, self.outlet) if self.outlet else ""


def chosen(text: str) -> Chosen | None:
    """Return what a cookie or a form says: ``mid`` or ``mid/out_...``; None where it is neither."""
    mid, slash, outlet = text.partition("/")
    if len(mid) != _MID_SIZE or not (mid.isascii() and mid.isalnum()):
        return None
    raw = ids.decode(PREFIX, outlet) if slash else b""
    return None if raw is None else Chosen(mid, raw)


def narrowed(reach: Reach, scope: Chosen) -> Reach | None:
    """Return the part of a reach that is in the scope; None where the scope lies outside.

    An outlet must be known to be one of the scope's merchant.
    """
    if scope.outlet:
        if not reach.covers(scope.mid, scope.outlet):
            return None
        return Reach(frozenset(), frozenset({scope.outlet}), frozenset({scope.mid}))
    return Reach(frozenset({scope.mid})) if reach.includes(scope.mid) else None
