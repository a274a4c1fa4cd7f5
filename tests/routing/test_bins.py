"""Card ranges: the longest prefix wins, whatever the order of the rows; only a prefix is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.bins import (
    PREFIX_SIZE_MAX,
    WORLD,
    BinTable,
    RangeError,
    Row,
    luhn_valid,
    scheme_of,
)

# Numbers that schemes and sandboxes publish for tests.
PUBLISHED = {
    "6216261000000000018": "CUP",
    "6226090000000048": "CUP",
    "6226388000000095": "CUP",
    "6250947000000014": "CUP",
    "6223164991230014": "CUP",
    "6200000000000005": "CUP",
    "6205500000000000004": "CUP",
    "4111111111111111": "VIS",
    "4012888888881881": "VIS",
    "5555555555554444": "MCC",
    "3566002020360505": "JCB",
}


@pytest.mark.parametrize(("number", "scheme"), PUBLISHED.items())
def test_published_test_card_is_of_its_scheme_and_passes_its_check_digit(
    number: str, scheme: str
) -> None:
    found = scheme_of(number[:11], len(number))
    assert found is not None
    assert (found.scheme, found.domestic) == (scheme, scheme == "CUP")
    assert found.luhn
    assert luhn_valid(number)


@pytest.mark.parametrize(
    ("prefix", "length", "scheme"),
    [
        ("378282", 15, "AMX"),
        ("348282", 15, "AMX"),
        ("222100", 16, "MCC"),
        ("272099", 16, "MCC"),
        ("676200", 12, "MAE"),
        ("358999", 16, "JCB"),
        ("810000", 17, "CUP"),
        ("955999", 19, "CUP"),
    ],
)
def test_range_is_found_at_its_edges(prefix: str, length: int, scheme: str) -> None:
    found = scheme_of(prefix, length)
    assert found is not None
    assert found.scheme == scheme


@pytest.mark.parametrize(
    ("prefix", "length"),
    [("222099", 16), ("272100", 16), ("4", 15), ("62", 15), ("35279", 16), ("", 16), ("9", 16)],
)
def test_number_outside_every_range_has_no_scheme(prefix: str, length: int) -> None:
    assert scheme_of(prefix, length) is None


def test_more_digits_than_a_prefix_are_refused() -> None:
    with pytest.raises(RangeError):
        scheme_of("621626100000", 19)


@pytest.mark.parametrize(
    ("low", "high"), [("62", "621"), ("6x", "6x"), ("63", "62"), ("", ""), ("6" * 12, "6" * 12)]
)
def test_row_that_cannot_be_is_refused(low: str, high: str) -> None:
    with pytest.raises(RangeError):
        BinTable([Row(low, high, "CUP", frozenset({16}))])


def test_higher_version_of_an_equal_prefix_counts_in_any_order() -> None:
    old = Row("62", "62", "CUP", frozenset({16, 17}), version=1)
    new = Row("62", "62", "NEW", frozenset({16}), version=2)
    for rows in ([old, new], [new, old]):
        table = BinTable(rows)
        assert [getattr(table.find("62", n), "scheme", None) for n in (16, 17)] == ["NEW", "CUP"]


_ROWS = st.builds(
    lambda prefix, span, scheme, lengths: Row(
        prefix, str(min(int(prefix) + span, 10 ** len(prefix) - 1)), scheme, lengths
    ),
    st.from_regex(r"\A[1-9][0-9]{0,5}\Z"),
    st.integers(0, 20),
    st.sampled_from(["CUP", "VIS", "MCC"]),
    st.frozensets(st.integers(12, 19), min_size=1),
)


@given(st.lists(_ROWS, max_size=12), st.from_regex(r"\A[0-9]{6,11}\Z"), st.integers(12, 19))
def test_longest_prefix_wins_as_a_plain_search_finds_it(
    rows: list[Row], number: str, length: int
) -> None:
    matching = [
        (len(row.low), index)
        for index, row in enumerate(rows)
        if length in row.lengths and row.low <= number[: len(row.low)] <= row.high
    ]
    found = BinTable(rows).find(number, length)
    if not matching:
        assert found is None
    else:
        assert found is not None
        size, index = max(matching)
        assert (len(found.prefix), found.scheme) == (size, rows[index].scheme)


@given(st.integers(0, 10**15))
def test_exactly_one_last_digit_is_the_check_digit(number: int) -> None:
    assert sum(luhn_valid(f"{number}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize("text", ["", "0", "-18", " 18", "1_8", "١٨", "4111111111111112"])
def test_text_that_is_no_number_with_its_check_digit_is_not_valid(text: str) -> None:
    assert not luhn_valid(text)


def test_every_row_of_the_world_is_short_enough_to_be_found() -> None:
    assert all(len(row.low) <= PREFIX_SIZE_MAX for row in WORLD)
    for row in WORLD:
        for length in row.lengths:
            assert scheme_of(row.low, length) is not None
            assert scheme_of(row.high, length) is not None
