"""Message pairs: each field stands once, with what became of it on the way."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.console import messagepair
from pointsman.console.payments import fields

MESSAGES = st.dictionaries(st.integers(0, 128).map(str), st.sampled_from(["1", "2"]), max_size=20)


@given(MESSAGES, MESSAGES)
def test_every_field_of_both_sides_stands_once_in_order(
    left: dict[str, str], right: dict[str, str]
) -> None:
    found = messagepair.lines(fields(left), fields(right))
    numbers = [int(line.number) for line in found]
    assert numbers == sorted(map(int, left.keys() | right.keys()))
    for line in found:
        there = (line.number in left, line.number in right)
        assert there == (line.relation != "add", line.relation != "del")
        if not line.hidden and there == (True, True):
            assert (line.relation == "same") == (left[line.number] == right[line.number])


def test_what_may_be_a_secret_has_no_value() -> None:
    (line,) = messagepair.lines(fields({"52": "secret"}), fields({"52": "other"}))
    assert line.hidden
    assert (line.left, line.right) == ("", "")


def test_a_field_without_a_name_has_its_number() -> None:
    (line,) = messagepair.lines(fields({"127": "x"}), [])
    assert line.name == ("Field 127", "域 127")
