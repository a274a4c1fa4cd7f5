"""What was typed: each form is looked for where it can be, and nowhere else."""

from datetime import date

import pytest

from pointsman.console.references import day, values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1234", {"last4": "1234"}),
        ("000042", {"six": "000042"}),
        ("A1B2C3", {"six": "A1B2C3"}),
        ("12345678", {"eight": "12345678"}),
        ("12.50", {"minor": 1250, "codes": ["156"]}),
        ("1,234.50", {"minor": 123_450, "codes": ["156"]}),
        ("JPY12.50", {"minor": 1250, "codes": []}),
        ("CNY 1,234.50", {"minor": 123_450, "codes": ["156"]}),
        ("622848****0019", {"first6": "622848", "last4": "0019"}),
        ("**** 0019", {"last4": "0019"}),
        ("6228481234560019", {}),  # a whole number is no way to look for a card
        ("1.250", {"minor": 1250, "codes": ["414"]}),
        ("999999999999.99", {}),
        ("' or 1=1 --", {}),
        ("\uff11\uff12\uff13\uff14", {}),
    ],
)
def test_a_text_is_what_its_form_says(text: str, found: dict[str, object]) -> None:
    names = ("first6", "last4", "six", "eight", "minor")
    given = values(text, ["156", "414", "392"])
    assert {name: given[name] for name in names if given[name] is not None} == {
        name: value for name, value in found.items() if name != "codes"
    }
    if "codes" in found:
        assert given["codes"] == found["codes"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-02-30", None),
        ("20261122", None),
        ("\uff12026-11-22", None),
    ],
)
def test_a_day_is_written_in_one_way(text: str, found: date | None) -> None:
    assert day(text) == found
