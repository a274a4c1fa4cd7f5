"""One route as a value: method, path, the right that it needs and the parameters that it knows.

The rows themselves are in routes.py and the routes_*.py beside it; what a right is, in rights.py.
"""

from dataclasses import dataclass

from pointsman.console.rights import Resource, Verb

LIST = ("limit", "after")


@dataclass(frozen=True, slots=True)
class Row:
    """One route. `resource` None: everybody (`public`), or every signed-in person."""

    method: str
    path: str
    resource: Resource | None = None
    verb: Verb = Verb.VIEW
    parameters: frozenset[str] = frozenset()
    public: bool = False


def row(method: str, path: str, resource: Resource | None, verb: Verb, *parameters: str) -> Row:
    """Return the row of a route for signed-in callers; without a resource for each of them."""
    return Row(method, path, resource, verb, frozenset(parameters))


def open_row(method: str, path: str, *parameters: str) -> Row:
    """Return the row of a route that is open to everybody."""
    return Row(method, path, None, Verb.VIEW, frozenset(parameters), public=True)
