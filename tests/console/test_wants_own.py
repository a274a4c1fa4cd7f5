"""Bodies of one's own things: bounded, and with no member that nobody knows."""

import pytest

from pointsman.console import bodies, wants_own
from pointsman.console.problems import Problem


@pytest.mark.parametrize(
    "body",
    [
        b'{"list":"payments","name":"x","query":"","user_id":"usr_x"}',
        b'{"list":"../x","name":"x","query":""}',
        b'{"list":"payments","name":"","query":""}',
        b'{"list":"payments","name":"x"}',
    ],
)
def test_a_view_is_exactly_a_list_a_name_and_a_query(body: bytes) -> None:
    with pytest.raises(Problem):
        bodies.read(body, wants_own.SavedView)


def test_a_draft_holds_texts_alone() -> None:
    assert bodies.read(b'{"fields":{"a":"b"}}', wants_own.Draft).fields == {"a": "b"}
    for body in (b'{"fields":{"a":1}}', b'{"fields":{"a":{"b":"c"}}}', b'{"fields":[]}'):
        with pytest.raises(Problem):
            bodies.read(body, wants_own.Draft)
