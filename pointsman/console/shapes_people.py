"""What answers about people, their keys and links and the audit trail are made of.

Plain values of the documents of staffing.py, keyring.py, applying.py and parties.py. What acts
answer is in shapes_acts.py.
"""

from typing import Annotated, Any

from msgspec import Meta

from pointsman.console.shapes import ApplicationId, KeyId, Listed, Mid, Moment, Shape, UserId


class Grant(Shape, frozen=True):
    """A role within a scope; the MID is empty for the platform. A scope may be one outlet."""

    role: Annotated[str, Meta(examples=["merchant_owner"])]
    scope: Annotated[str, Meta(examples=["merchant"])]
    mid: Mid
    outlet: Annotated[str | None, Meta(examples=[None])] = None


class Me(Shape, frozen=True):
    """Who asks."""

    name: str
    grants: list[Grant]
    livemode: bool


class User(Shape, frozen=True):
    """A person."""

    id: UserId
    login: str
    name: str
    state: str
    last_sign_in: Moment | None
    grants: list[Grant]


class Users(Listed, frozen=True, kw_only=True):
    """A page of people."""

    data: list[User]


class RoleRow(Shape, frozen=True):
    """A role: where it may be given, and its rights."""

    role: str
    scopes: list[str]
    rights: list[str]


class Roles(Listed, frozen=True, kw_only=True):
    """The table of rights."""

    data: list[RoleRow]


class ApiKey(Shape, frozen=True):
    """An API key as it may be shown."""

    id: KeyId
    hint: str
    name: str
    state: str
    grant: Grant
    expires: Moment


class ApiKeys(Listed, frozen=True, kw_only=True):
    """A page of API keys."""

    data: list[ApiKey]


class AuditEvent(Shape, frozen=True):
    """One row of the audit trail."""

    sequence: int
    at: Moment
    actor: str
    role: str
    act: str
    object_kind: str
    object_id: str
    mid: str
    reason: str
    before: dict[str, Any]  # Any: JSON of what was changed
    after: dict[str, Any]
    address: str
    request_id: str
    result: str


class AuditEvents(Listed, frozen=True, kw_only=True):
    """A page of the audit trail."""

    data: list[AuditEvent]


class Letter(Shape, frozen=True):
    """A link that was made; the link itself is shown by an act."""

    id: str
    kind: str
    recipient: str
    mid: str
    made_by: str
    made: Moment
    state: str
    mail: Annotated[str, Meta(description="kept, due, sent, failed", examples=["kept"])]
    mail_problem: str


class Letters(Listed, frozen=True, kw_only=True):
    """A page of links that were made."""

    data: list[Letter]


class Session(Shape, frozen=True):
    """A session that is alive."""

    id: str
    address: str
    since: Moment
    seen: Moment


class Sessions(Shape, frozen=True):
    """The sessions of one person."""

    data: list[Session]


class Application(Shape, frozen=True):
    """A merchant that asks to be taken."""

    id: ApplicationId
    name: str
    mcc: str
    city: str
    country: str
    currency: str
    login: str
    contact: str
    submitted: Moment
    state: str
    mid: Mid | None
    decided_by: str | None
    reason: str


class Applications(Listed, frozen=True, kw_only=True):
    """A page of applications."""

    data: list[Application]
