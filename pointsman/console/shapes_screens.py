"""What is answered about links as they are seen, what waits for a person, and one's own things.

Shapes, like shapes.py: exactly the members of the documents of watching.py and own.py. Bodies are
in wants_own.py.
"""

from msgspec import field

from pointsman.console.shapes import Shape
from pointsman.console.shapes_parties import Acquirer


class LinkLamps(Shape, frozen=True):
    """A link as its worker sees it: answering, silent, not_signed_on or cut_off."""

    name: str
    state: str
    connected: bool
    signed_on: bool
    silent_s: int | None
    connects: int
    messages: int
    unmatched: int
    echo_failures: int
    echo_ms: int | None


class Traffic(Shape, frozen=True):
    """What goes to an acquirer, over all workers that answer."""

    in_flight: int
    answered: int
    mean_ms: int | None


class SeenAcquirer(Acquirer, frozen=True, kw_only=True):
    """An acquirer with its links as they are now; neither where lamps cannot be seen."""

    links: list[LinkLamps] = field(default_factory=list)
    traffic: Traffic | None = None


class Seen(Shape, frozen=True):
    """How many workers told their metrics, and how many should."""

    seen: int
    of: int


class Lamps(Shape, frozen=True, kw_only=True):
    """Acquirers with the lamps of their links; `lamps` is seen, silent or off."""

    data: list[SeenAcquirer]
    lamps: str
    as_of: str
    workers: Seen | None = None


class Waiting(Shape, frozen=True):
    """One kind of thing that waits for the caller; `gravity` is bad, warn or info."""

    kind: str
    gravity: str
    count: int
    path: str
    object: str


class Attention(Shape, frozen=True):
    """What waits for the caller, the gravest first."""

    data: list[Waiting]


class OwnGrant(Shape, frozen=True):
    """A role that one holds."""

    role: str
    scope: str
    mid: str


class OwnSession(Shape, frozen=True):
    """Where one is signed in."""

    id: str
    address: str
    since: str
    seen: str
    this: bool


class Profile(Shape, frozen=True):
    """Who one is, what one may, and where one is signed in."""

    login: str
    name: str
    grants: list[OwnGrant]
    recovery_codes: int
    sessions: list[OwnSession]


class View(Shape, frozen=True):
    """A saved view; `address` has the days of now."""

    list: str
    name: str
    query: str
    address: str


class Views(Shape, frozen=True):
    """One's saved views."""

    data: list[View]


class ViewName(Shape, frozen=True):
    """The view that was kept or removed."""

    list: str
    name: str


class DraftFields(Shape, frozen=True):
    """A form as it was left."""

    form: str
    fields: dict[str, str]
