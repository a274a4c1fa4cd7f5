"""Routes about people: only applying is open to strangers, and no act is a right to look."""

from pointsman.console.rights import Verb
from pointsman.console.routes_people import ROWS


def test_strangers_may_apply_and_nothing_else() -> None:
    assert {(row.method, row.path) for row in ROWS if row.public} <= {
        ("POST", "/v1/applications"),
        ("GET", "/register"),
        ("POST", "/register"),
    }
    for row in ROWS:
        if row.method != "GET" and not row.public and row.resource is not None:
            assert row.verb is not Verb.VIEW, row
