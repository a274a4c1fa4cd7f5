"""What a grant that is asked for means: its scope, and the outlet that it names.

A shell for one question to the database. Who may give what is decided in rights.py; people's grants
are changed in staffing.py, those of keys in keyring.py.
"""

from collections.abc import Iterable

from pointsman.console import ids
from pointsman.console.onboarding import OUTLET
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import (
    RIGHTS,
    SCOPES,
    Grant,
    Resource,
    Role,
    Scope,
    Verb,
    lacking,
    named,
)
from pointsman.store.console_pool import Act


def scope_of(role: str, outlet: str) -> Scope:
    """Return the scope in which a role is wanted."""
    if outlet:
        return Scope.OUTLET
    return Scope.MERCHANT if Scope.MERCHANT in SCOPES[Role(role)] else Scope.PLATFORM


def not_given(giver: Iterable[Grant], role: Role, mid: str) -> Problem:
    """Return why one may not give a role: which rights one lacks, where that is it."""
    beyond = lacking(giver, RIGHTS[role] | {(Resource.USERS, Verb.MANAGE)}, mid)
    detail = "One can give only what one holds, where one holds it."
    if beyond:
        detail = f"One can give only what one holds; you do not hold there: {named(beyond)}"
    return Problem(Code.PERMISSION_DENIED, detail)


async def outlet_of(act: Act, mid: str, outlet: str) -> bytes:
    """Return the outlet that is named, empty where none is; raises Problem for another's."""
    if not outlet:
        return b""
    raw = ids.decode(OUTLET, outlet)
    query = "select 1 from outlets where id = %s and mid = %s and active"
    if raw is None or not await act.rows(query, (raw, mid)):
        raise Problem(Code.VALIDATION_FAILED, "outlet: the merchant has no such outlet")
    return raw
