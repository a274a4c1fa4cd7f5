"""Parameters: known and once, short and printable; limits and dates."""

import pytest

from pointsman.console import query
from pointsman.console.problems import Code, Problem

KNOWN = frozenset({"limit", "after", "q"})


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("sort", "1; drop table users")], Code.UNKNOWN_PARAMETER),
        ([("q", "1"), ("q", "2")], Code.UNKNOWN_PARAMETER),
        ([("q", "a\0b")], Code.VALIDATION_FAILED),
        ([("q", "x" * 301)], Code.VALIDATION_FAILED),
    ],
)
def test_what_is_unknown_twice_or_odd_is_refused(pairs: list[tuple[str, str]], code: Code) -> None:
    with pytest.raises(Problem) as caught:
        query.parameters(pairs, KNOWN)
    assert caught.value.code is code


def test_an_empty_parameter_is_one_that_was_not_given() -> None:
    assert query.parameters([("q", ""), ("limit", "5")], KNOWN) == {"limit": "5"}


@pytest.mark.parametrize("text", ["0", "501", "-1", "1.0", "٣", "05", "1000"])
def test_a_limit_is_a_whole_number_within_bounds(text: str) -> None:
    with pytest.raises(Problem):
        query.limit_of({"limit": text})
    assert query.limit_of({}) == query.LIMIT_USUAL
    assert query.limit_of({"limit": "500"}) == 500
