"""One route as a value: method, path, the right that it needs and the parameters that it knows.

A core. The rows themselves are in routes.py and the routes_*.py beside it; what a right is, in
rights.py; what a list may be asked, in the listings of the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pointsman.console import listing
from pointsman.console.rights import Resource, Verb
from pointsman.store.console_listings import LISTINGS
from pointsman.store.listing import Listing
from pointsman.store.office_listings import OFFICE_LISTINGS
from pointsman.store.watch_listings import WATCH_LISTINGS
from pointsman.store.work_listings import WORK_LISTINGS

LISTS: Mapping[str, Listing] = {
    **LISTINGS,
    **OFFICE_LISTINGS,
    **WATCH_LISTINGS,
    **WORK_LISTINGS,
}
EXPANSIONS: Mapping[str, tuple[str, ...]] = {
    "payments": ("merchant", "original"),
    "terminals": ("merchant",),
    "batches": ("merchant",),
    "refunds": ("merchant", "payment"),
}
"""What `expand` tells besides, where the caller may see it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One route. `resource` None: everybody (`public`), or every signed-in person."""

    method: str
    path: str
    resource: Resource | None = None
    verb: Verb = Verb.VIEW
    parameters: frozenset[str] = frozenset()
    public: bool = False

    @property
    def is_headed(self) -> bool:
        """Whether HEAD is answered as GET: not where a file leaves a trace, or a stream is open."""
        leaves = self.path.startswith(("/export/", "/v1/stream")) or self.path.endswith("/file")
        return self.method == "GET" and not leaves


def row(method: str, path: str, resource: Resource | None, verb: Verb, *parameters: str) -> Row:
    """Return the row of a route for signed-in callers; without a resource for each of them."""
    return Row(method, path, resource, verb, frozenset(parameters))


def open_row(method: str, path: str, *parameters: str) -> Row:
    """Return the row of a route that is open to everybody."""
    return Row(method, path, None, Verb.VIEW, frozenset(parameters), public=True)


def asked(name: str) -> tuple[str, ...]:
    """Return the parameters of a list: filters, order, page; payments are searched as well."""
    return (*listing.parameters(LISTS[name]), *(("q",) if name == "payments" else ()))


def told(name: str) -> tuple[str, ...]:
    """Return the parameters of a list of the API: those of `asked`, and which members are told."""
    return (*asked(name), *one(name))


def one(name: str = "") -> tuple[str, ...]:
    """Return the parameters of one thing of the API: which members are told, and what besides."""
    return ("fields", *(("expand",) if name in EXPANSIONS else ()))
