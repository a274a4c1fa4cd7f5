"""Keys of what terminals may fetch: good ones become values, bad ones are told."""

import pytest

from pointsman.site.fetched import downloads, tables, texts, tlv_sets
from pointsman.site.keys import WrongValueError
from pointsman.store.parties import Downloads

KEY = "9F0605A0000003339F220102DF05083230333031323331"


def test_good_keys_become_what_terminals_may_fetch() -> None:
    parameters = texts("[1-2][0-9]", "codes")({"13": "3", "12": "60"})
    top = {
        "terminal_parameters": parameters,
        "ca_keys": tlv_sets([KEY.lower()]),
        "aids": (),
        "terminal_tables": (),
    }
    assert downloads(top) == Downloads((("12", "60"), ("13", "3")), (KEY,), ())


@pytest.mark.parametrize(
    "value",
    [
        "9F06",
        ["9F0605A0"],
        ["zz"],
        [7],
        ["DF050100"],
        [""],
        [KEY] * 100,
        [KEY + "DF06820200" + "00" * 512],
    ],
)
def test_what_is_no_set_is_refused(value: object) -> None:
    with pytest.raises(WrongValueError):
        tlv_sets(value)


def test_tables_are_records_by_the_code_that_fetches_them() -> None:
    assert tables({"396": ["6228", "ab"], "394": []}) == (("394", ()), ("396", ("6228", "AB")))


@pytest.mark.parametrize(
    "value", [[], {"390": []}, {"394": "62"}, {"394": ["6"]}, {"394": [""]}, {"394": ["00" * 512]}]
)
def test_what_is_no_table_of_records_is_refused(value: object) -> None:
    with pytest.raises(WrongValueError):
        tables(value)


@pytest.mark.parametrize("value", ["12", {"99": "x"}, {"12": 60}])
def test_what_is_no_table_of_parameters_is_refused(value: object) -> None:
    with pytest.raises(WrongValueError):
        texts("[1-2][0-9]", "codes")(value)
