"""ETags: the same members give the same tag, and a change needs the tag that stands."""

import pytest

from pointsman.console import etags
from pointsman.console.problems import Problem


def test_a_tag_is_of_its_members_alone() -> None:
    one = etags.of({"name": "a", "seen": 1}, ("name",))
    assert one == etags.of({"name": "a", "seen": 2}, ("name",))
    assert one != etags.of({"name": "b", "seen": 1}, ("name",))
    assert one[0] == one[-1] == '"'


@pytest.mark.parametrize(("given", "status"), [("", 428), (" ", 428), ('"x"', 412), ("*", 412)])
def test_a_change_without_the_version_that_stands_is_refused(given: str, status: int) -> None:
    with pytest.raises(Problem) as raised:
        etags.check(given, '"y"')
    assert raised.value.kind.status == status


def test_one_of_several_versions_is_enough() -> None:
    etags.check('"x", "y"', '"y"')
