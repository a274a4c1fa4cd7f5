"""The issuer's requests keep PIN blocks, cards and values out of their reprs."""

from pointsman.hsm.issuercommands import VerifyCardValue, VerifyCryptogram, VerifyPin
from tests.hsm.laboratory import PAN


def test_no_card_and_no_value_shows() -> None:
    values = (
        VerifyPin(b"SECRET", b"SECRET", b"SECRET", PAN, "1", "4821"),
        VerifyCardValue(b"SECRET", PAN, "3012", "201", "4821"),
        VerifyCryptogram(b"SECRET", "cvn10", PAN, "01", b"", b"", b"SECRET", b"", b""),
    )
    text = repr(values)
    for secret in (PAN, "SECRET", "4821", "3012"):
        assert secret not in text
