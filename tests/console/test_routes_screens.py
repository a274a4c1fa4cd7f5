"""Routes of one's own things need nobody's right; what is watched needs the right to see it."""

from pointsman.console.rights import Resource, Verb
from pointsman.console.routes_screens import ROWS


def test_one_s_own_things_need_no_right_and_what_is_watched_does() -> None:
    own = {row.path for row in ROWS if row.resource is None}
    assert own == {
        *("/profile", "/v1/profile", "/v1/views", "/v1/views:save", "/v1/views:remove"),
        *("/v1/drafts/{form}", "/v1/drafts/{form}:save"),
    }
    assert not any(row.public for row in ROWS)
    watched = {row.path: row.resource for row in ROWS if row.resource is not None}
    assert watched["/v1/lamps"] is Resource.LINKS
    assert watched["/roles"] is Resource.USERS


def test_nothing_here_changes_what_belongs_to_others() -> None:
    assert all(row.verb is Verb.VIEW for row in ROWS)
