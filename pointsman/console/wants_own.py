"""What bodies of requests about one's own things say: views of lists, drafts of forms.

A core, like wants.py. What may be kept is decided in own.py.
"""

from typing import Annotated

from msgspec import Meta, Struct

List = Annotated[
    str, Meta(pattern="^[a-z_]{1,20}$", description="a list's page", examples=["payments"])
]
Title = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"\S", examples=["Declined today"])
]
Query = Annotated[
    str,
    Meta(max_length=2000, description="the page's parameters", examples=["state=declined"]),
]
Field = Annotated[str, Meta(max_length=1200)]


class SavedView(Struct, frozen=True, forbid_unknown_fields=True):
    """A list with its filters, under a name."""

    list: List
    name: Title
    query: Query


class NamedView(Struct, frozen=True, forbid_unknown_fields=True):
    """A view to be removed."""

    list: List
    name: Title


class Draft(Struct, frozen=True, forbid_unknown_fields=True):
    """A form as far as it is filled in; none of its fields forgets it."""

    fields: Annotated[dict[Annotated[str, Meta(max_length=60)], Field], Meta(max_length=40)]
