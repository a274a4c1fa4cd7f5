"""Card values beyond the vectors: what is no card, PIN or table is refused."""

import pytest

from pointsman.hsm.cardvalues import cvv, ibm_offset, natural_pin, pvv, transformed, validation_data
from tests.hsm.laboratory import PAN, TMK


def test_pvv_looks_at_the_first_four_digits_of_a_longer_pin() -> None:
    assert pvv(TMK, PAN, "1", "1234") == pvv(TMK, PAN, "1", "123499") != pvv(TMK, PAN, "1", "1235")
    assert transformed(PAN, "1", "1234") == PAN[-12:-1] + "1" + "1234"


def test_nineteen_digit_cards_have_a_cvv() -> None:
    assert len(cvv(TMK, PAN, "3012", "201")) == 3
    assert cvv(TMK, PAN, "3012", "000") != cvv(TMK, PAN, "3012", "999")


@pytest.mark.parametrize(
    ("pan", "index", "pin"),
    [("123", "1", "1234"), (PAN, "12", "1234"), (PAN, "1", "123"), (PAN, "x", "1234")],
)
def test_pvv_needs_all_its_digits(pan: str, index: str, pin: str) -> None:
    with pytest.raises(ValueError, match=r"PVV|digits"):
        transformed(pan, index, pin)


def test_offset_needs_a_fitting_check_length() -> None:
    natural = natural_pin(TMK, "0123456789012345", bytes(8))
    assert len(natural) == 16
    assert ibm_offset(natural, natural[:6], 6) == "000000"
    for length in (0, 7, -1):
        with pytest.raises(ValueError, match="check length"):
            ibm_offset(natural, natural[:6], length)


def test_table_and_validation_data_have_their_sizes() -> None:
    for table, data in (("0" * 15, bytes(8)), ("0" * 16, bytes(7)), ("A" * 16, bytes(8))):
        with pytest.raises(ValueError, match=r"table|digits"):
            natural_pin(TMK, table, data)
    assert validation_data("1234567890N1", "401234567890").hex() == "1234567890678901"
    assert validation_data("123456789012", "401234567890").hex() == "1234567890120000"
