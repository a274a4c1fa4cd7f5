"""Forms: the same values as bodies, from text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.console import forms
from pointsman.console.problems import Problem
from pointsman.console.wants import NewOutlet


def test_a_form_becomes_a_value_without_what_is_the_forms_own() -> None:
    form = {"csrf": "x", "once": "y", "code": "1", "name": " Bund ", "city": "Shanghai"}
    assert forms.value_of(form, NewOutlet, mid="898100053310001") == NewOutlet(
        "898100053310001", "Bund", "Shanghai"
    )


@pytest.mark.parametrize("form", [{"name": "a", "city": "b", "active": "1"}, {"name": "a\x00"}])
def test_a_field_that_nobody_knows_or_that_cannot_be_printed_is_refused(
    form: dict[str, str],
) -> None:
    with pytest.raises(Problem):
        forms.value_of(form, NewOutlet, mid="898100053310001")


@pytest.mark.parametrize("text", ["-1", "1.5", "٣", "1e3", "9" * 13])
def test_a_number_is_ascii_digits(text: str) -> None:
    with pytest.raises(Problem):
        forms.whole({"n": text}, "n")
    assert forms.whole({"n": " 12 "}, "n") == 12
    assert forms.whole({}, "n", 7) == 7


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12.50", 1250), ("1,250", 125000), ("0.05", 5), ("7", 700), ("1.", None), (".5", None)]
    + [("1,234,567.8", 123456780), ("007", 700)]
    + [(wrong, None) for wrong in ("1,00", "0,5", "1,2345", ",100", "12,34.5", "1 000")]
    + [(wrong, None) for wrong in ("", "-1", "1.234", "1e2", "٣", "99999999999999")],
)
def test_an_amount_is_read_as_people_type_it(text: str, minor: int | None) -> None:
    assert forms.minor_of(text, 2) == minor


@given(st.integers(0, 10**10), st.sampled_from([0, 2, 3]))
def test_an_amount_that_was_written_is_read_back(minor: int, exponent: int) -> None:
    text = f"{minor // 10**exponent}" + (
        f".{minor % 10**exponent:0{exponent}d}" if exponent else ""
    )
    assert forms.minor_of(text, exponent) == minor
