"""Payment codes: whose they are by first digits and length."""

import pytest

from pointsman.routing.wallets import wallet_of


@pytest.mark.parametrize(
    ("prefix", "length", "scheme"),
    [
        ("62162610000", 19, "CUP"),
        ("10000000000", 18, "WXP"),
        ("15999999999", 18, "WXP"),
        ("25000000000", 16, "ALP"),
        ("28763443825", 18, "ALP"),
        ("30999999999", 24, "ALP"),
    ],
)
def test_code_belongs_to_its_wallet_and_has_no_check_digit(
    prefix: str, length: int, scheme: str
) -> None:
    found = wallet_of(prefix, length)
    assert found is not None
    assert (found.scheme, found.luhn) == (scheme, False)


@pytest.mark.parametrize(("prefix", "length"), [("62", 18), ("10", 19), ("31", 16), ("25", 25)])
def test_code_of_nobody_has_no_wallet(prefix: str, length: int) -> None:
    assert wallet_of(prefix, length) is None
