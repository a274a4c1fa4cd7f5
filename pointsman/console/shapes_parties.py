"""What answers about merchants, their terminals and acquirers are made of.

Plain values of the documents of parties.py and places.py. Money, pages and reports are in
shapes.py.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from pointsman.console.shapes import Listed, Mid, Moment, Number, OutletId, Shape, Tid


class Route(Shape, frozen=True):
    """A contract of a merchant with an acquirer."""

    acquirer: Annotated[str, Meta(examples=["alpha"])]
    priority: int
    schemes: list[str]


class Merchant(Shape, frozen=True):
    """A merchant."""

    mid: Mid
    name: Annotated[str, Meta(examples=["Harbour Tea House"])]
    state: str
    mcc: Annotated[str, Meta(examples=["5812"])]
    city: str
    country: Annotated[str, Meta(examples=["CN"])]
    currency: Annotated[str, Meta(examples=["CNY"])]
    tip_percent: int
    active_terminals: int
    routes: list[Route]


class Terminal(Shape, frozen=True):
    """A terminal with its state and device."""

    mid: Mid
    merchant_name: str
    tid: Tid
    state: Annotated[
        str, Meta(description="inventory, online, idle, offline, suspended", examples=["online"])
    ]
    format: str
    framing: str
    mac_method: str
    key_check_value: str
    signed_in: bool
    batch: Number
    last_sign_in: Moment | None
    last_payment: Moment | None
    serial: str
    outlet: OutletId | None
    outlet_name: str
    expanded: dict[str, Any] | UnsetType = UNSET  # Any: documents of other kinds, or null


class MerchantDetail(Merchant, frozen=True, kw_only=True):
    """A merchant with its terminals."""

    terminals: list[Terminal]


class Merchants(Listed, frozen=True, kw_only=True):
    """A page of merchants."""

    data: list[Merchant]


class Terminals(Listed, frozen=True, kw_only=True):
    """A page of terminals."""

    data: list[Terminal]


class Outlet(Shape, frozen=True):
    """A place where a merchant sells."""

    id: OutletId
    mid: Mid
    merchant_name: str
    name: Annotated[str, Meta(examples=["Quay 3"])]
    city: str
    address: str
    state: str
    terminals: int


class Outlets(Listed, frozen=True, kw_only=True):
    """A page of outlets."""

    data: list[Outlet]


class Binding(Shape, frozen=True):
    """Where a device stood, and how long."""

    serial: str
    mid: Mid
    tid: Tid
    outlet: OutletId | None
    outlet_name: str | None
    since: Moment
    until: Moment | None


class Bindings(Shape, frozen=True):
    """Where a terminal's device stood."""

    data: list[Binding]


class Acquirer(Shape, frozen=True):
    """An acquirer with what is owed to it."""

    name: Annotated[str, Meta(examples=["alpha"])]
    institution: str
    state: str
    format: str
    framing: str
    address: str
    mac_method: str
    zpk_check_value: str
    zak_check_value: str
    in_flight_max: int
    owed: int
    owed_since: Moment | None


class Acquirers(Listed, frozen=True, kw_only=True):
    """All acquirers."""

    data: list[Acquirer]


class Link(Shape, frozen=True):
    """A session with an acquirer, and the worker that holds it."""

    id: Annotated[str, Meta(examples=["alpha/0"])]
    acquirer: str
    session: int
    state: str
    machine: str | None
    worker: int | None
    owed: int


class Links(Listed, frozen=True, kw_only=True):
    """All links."""

    data: list[Link]
