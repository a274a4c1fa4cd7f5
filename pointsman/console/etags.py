"""Which version of a thing was read, and that the same version is changed (RFC 9110, 8.8.3).

A core. An ETag covers the members that can be changed, so that the time of a look does not matter.
"""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from pointsman.console.problems import Code, Problem

_SIZE = 16


def of(document: Mapping[str, object], names: Sequence[str]) -> str:
    """Return the tag of these members of a document."""
    raw = msgspec.json.encode([document[name] for name in names])
    return f'"{hashlib.sha256(raw).hexdigest()[:_SIZE]}"'


def check(given: str, current: str) -> None:
    """See that `given` (If-Match) names the version that stands; raises Problem (428, 412)."""
    if not given.strip():
        raise Problem(Code.IF_MATCH_REQUIRED, "Send If-Match with the ETag that was read.")
    if current not in {one.strip() for one in given.split(",")}:
        raise Problem(Code.ETAG_MISMATCH, "Read it again, then change it.")
