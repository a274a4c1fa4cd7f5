"""Routes of acts: what changes something asks for more than to look."""

from pointsman.console.rights import Verb
from pointsman.console.routes_acts import ROWS


def test_no_act_is_done_with_the_right_to_look() -> None:
    for row in ROWS:
        if row.method != "GET" and row.resource is not None:
            assert row.verb is not Verb.VIEW, row
    assert len({(row.method, row.path) for row in ROWS}) == len(ROWS)
