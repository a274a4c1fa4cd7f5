"""What bodies of requests about limits and refused cards say, with the bounds of each member.

A core, as wants.py. What is done with them is policies.py and blacklisting.py.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from pointsman.console.wants import Reason


class NewLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """All limits of a merchant, in place of those that stand; names as in a site file's `rules`."""

    rules: Annotated[
        dict[str, Any],  # Any: checked by the table of the site file
        Meta(
            description="limits by name, as in a site file; what is left out limits nothing",
            examples=[
                {"day_minor_max": 5_000_000, "forbids": ["manual"], "method_max_minor": {"chip": 9}}
            ],
        ),
    ]
    reason: Reason


class NewListedCard(Struct, frozen=True, forbid_unknown_fields=True):
    """Refuse the card of a payment: 41 lost, 43 stolen, 04 pick up."""

    payment: Annotated[
        str, Meta(pattern="^pay_[0-9a-z]{26}$", examples=["pay_06dwe00000e0000000000000a1"])
    ]
    reason: Reason
    code: Literal["41", "43", "04"] = "41"


class Reasoned(Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: Reason
