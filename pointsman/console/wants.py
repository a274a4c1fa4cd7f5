"""What bodies of requests say: one value for each act, with the bounds of each member.

A core. Unknown members are refused (bodies.py); OpenAPI is made of the same values. What is done
with them is in onboarding.py, refunding.py, staffing.py and others.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Mid = Annotated[str, Meta(pattern="^[0-9A-Za-z]{15}$", examples=["898100053310001"])]
Tid = Annotated[str, Meta(pattern="^[0-9A-Za-z]{8}$", examples=["00000001"])]
Name = Annotated[
    str, Meta(min_length=1, max_length=80, pattern=r"\S", examples=["Harbour Tea House"])
]
City = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\S", examples=["Shanghai"])]
Country = Annotated[
    str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["CN"])
]
Category = Annotated[str, Meta(pattern="^[0-9]{4}$", description="ISO 18245", examples=["5812"])]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217", examples=["CNY"])]
Serial = Annotated[str, Meta(pattern=r"^[0-9A-Za-z._-]{0,40}$", examples=["N5-0042"])]
OutletId = Annotated[str, Meta(pattern="^(out_[0-9a-z]{26})?$")]
KeyBlock = Annotated[str, Meta(pattern="^(laboratory|[ABCD][0-9]{4}[ -~]{11,1019})?$")]
Percent = Annotated[int, Meta(ge=0, le=100)]
Reason = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"\S", examples=["asked by the merchant"])
]
Minor = Annotated[int, Meta(gt=0, le=999_999_999_999, examples=[4200])]  # field 4 has twelve digits


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """An act that needs no more than its address."""


class WantedRoute(Struct, frozen=True, forbid_unknown_fields=True):
    """To which acquirer cards of these schemes go; none is all of them."""

    acquirer: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,31}$", examples=["alpha"])]
    priority: Annotated[int, Meta(ge=1, le=99)] = 1
    schemes: Annotated[
        list[Annotated[str, Meta(pattern="^[A-Z0-9]{2,8}$")]], Meta(max_length=20)
    ] = []


class NewMerchant(Struct, frozen=True, forbid_unknown_fields=True):
    """A merchant, with its first outlet where `outlet` names one."""

    mid: Mid
    name: Name
    mcc: Category
    city: City
    routes: Annotated[list[WantedRoute], Meta(min_length=1, max_length=10)]
    country: Country = "CN"
    currency: Currency = "CNY"
    tip_percent: Percent = 0
    outlet: Annotated[str, Meta(max_length=80)] = ""
    address: Annotated[str, Meta(max_length=120)] = ""


class ChangedMerchant(Struct, frozen=True, forbid_unknown_fields=True):
    """What of a merchant may be changed; a member that is left out stays."""

    name: Name | None = None
    mcc: Category | None = None
    city: City | None = None
    country: Country | None = None
    tip_percent: Percent | None = None


class NewOutlet(Struct, frozen=True, forbid_unknown_fields=True):
    """A place where a merchant sells."""

    mid: Mid
    name: Name
    city: City
    address: Annotated[str, Meta(max_length=120)] = ""


class ChangedOutlet(Struct, frozen=True, forbid_unknown_fields=True):
    """What of an outlet may be changed; a member that is left out stays."""

    name: Name | None = None
    city: City | None = None
    address: Annotated[str, Meta(max_length=120)] | None = None
    state: Literal["active", "closed"] | None = None


class ChangedTerminal(Struct, frozen=True, forbid_unknown_fields=True):
    """What of a terminal may be changed; a member that is left out stays."""

    serial: Serial | None = None
    outlet: OutletId | None = None


class NewTerminal(Struct, frozen=True, forbid_unknown_fields=True):
    """A terminal. `transport_key` is the key block of a ZMK: its master key is told under it.

    ``laboratory`` is the published test key, which an HSM in laboratory mode alone takes.
    """

    mid: Mid
    tid: Tid
    outlet: OutletId = ""
    serial: Serial = ""
    transport_key: KeyBlock = ""
    mac_method: Literal["cup-ecb", "x9.19", "x9.9"] = "cup-ecb"
    key_layout: Literal["001", "003", "004"] = "003"


class MovedTerminal(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a terminal goes; it gets a new master key there."""

    mid: Mid
    reason: Reason
    tid: Annotated[str, Meta(pattern="^([0-9A-Za-z]{8})?$")] = ""  # empty: the same
    outlet: OutletId = ""
    transport_key: KeyBlock = ""


class NewRefund(Struct, frozen=True, forbid_unknown_fields=True):
    """Give back a payment, or a part of it; without an amount all that is left."""

    payment: Annotated[
        str, Meta(pattern="^pay_[0-9a-z]{26}$", examples=["pay_06dwe00000e0000000000000a1"])
    ]
    reason: Reason
    amount: Minor | None = None
    currency: Currency | None = None


class RefundLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which amount (minor units) one person may refund alone."""

    amount: Annotated[int, Meta(ge=0, le=999_999_999_999, examples=[50_000])]
    reason: Reason


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is approved or rejected."""

    reason: Annotated[str, Meta(max_length=200)] = ""


RoleName = Literal[
    "platform_admin",
    "operator",
    "risk",
    "merchant_owner",
    "merchant_staff",
    "merchant_viewer",
]
Login = Annotated[
    str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._@+-]{2,79}$", examples=["ann@tea.example"])
]
OwnMid = Annotated[
    str,
    Meta(
        pattern="^([0-9A-Za-z]{15})?$",
        description="empty: the platform",
        examples=["898100053310001"],
    ),
]


class Invitation(Struct, frozen=True, forbid_unknown_fields=True):
    """A new person with a first role; the link that makes the person is shown once."""

    login: Login
    role: RoleName
    mid: OwnMid = ""
    outlet: OutletId = ""  # of the merchant; empty: all of it


class WantedGrant(Struct, frozen=True, forbid_unknown_fields=True):
    """A role within a scope: given or taken."""

    role: RoleName
    mid: OwnMid = ""
    outlet: OutletId = ""
    reason: Annotated[str, Meta(max_length=200)] = ""


class NewKey(Struct, frozen=True, forbid_unknown_fields=True):
    """An API key: some rights (`scopes`: ``transactions:view``) of a role, for some days."""

    name: Name
    role: RoleName
    scopes: Annotated[
        list[
            Annotated[
                str, Meta(pattern="^[a-z]{2,20}:[a-z]{2,20}$", examples=["transactions:view"])
            ]
        ],
        Meta(min_length=1, max_length=50),
    ]
    mid: OwnMid = ""
    outlet: OutletId = ""
    days: Annotated[int, Meta(ge=1, le=365)] = 90
    addresses: Annotated[
        list[Annotated[str, Meta(pattern="^[0-9A-Fa-f.:/]{2,43}$")]], Meta(max_length=20)
    ] = []


class NewApplication(Struct, frozen=True, forbid_unknown_fields=True):
    """A merchant that asks to be taken, with the user name of its first person."""

    name: Name
    mcc: Category
    city: City
    login: Login
    contact: Annotated[
        str,
        Meta(min_length=3, max_length=120, pattern=r"\S", examples=["ann, +86 21 5555 0100"]),
    ]
    country: Country = "CN"
    currency: Currency = "CNY"


class TakenApplication(Struct, frozen=True, forbid_unknown_fields=True):
    """Under which number, and over which acquirers, a merchant is taken."""

    mid: Mid
    routes: Annotated[list[WantedRoute], Meta(min_length=1, max_length=10)]
    reason: Annotated[str, Meta(max_length=200)] = ""
