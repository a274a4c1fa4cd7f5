"""What a simulated issuer says to a card, an amount and a PIN: a table that can be looked up.

The rules are fixed so that whoever types an amount knows the answer beforehand (the table stands in
docs/simulators.md too). How the host then behaves on the line is in moods.py, what it remembers in
book.py. The PIN check value is Visa's PVV with the published test key, never a real one.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pointsman.hsm.cardvalues import pvv
from pointsman.hsm.pinblock import PinBlockError, PinFormat, decipher, read_pin
from pointsman.hsm.primitives import Algorithm, decryptor
from pointsman.sim.cards import Card

TEST_PVK: Final = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PVV_KEY_INDEX: Final = "1"
AMOUNT_MAX_MINOR: Final = 5_000_000  # above it 61: one purchase of 50,000.00 is a test's mistake

APPROVED: Final = "00"
DECLINES: Final[Mapping[int, str]] = MappingProxyType(
    {
        5: "05",  # not honoured
        14: "14",  # no such card number
        51: "51",  # not enough funds
        54: "54",  # expired
        57: "57",  # not allowed for the card
        61: "61",  # over the amount limit
        65: "65",  # over the frequency limit
        91: "91",  # issuer not reachable: a definite answer, nothing was done
    }
)
"""Last two digits of the amount in minor units, and the code they bring."""


class PinCheck(StrEnum):
    """What came of the PIN of a request."""

    NONE = "none"
    RIGHT = "right"
    WRONG = "wrong"


def check_pin(block: bytes, pan: str, zpk: bytes, expected_pvv: str) -> PinCheck:
    """Decipher an ISO 9564 format 0 block under the zone PIN key and compare its PVV."""
    try:
        field = decipher(PinFormat.ISO_0, block, pan, decryptor(Algorithm.TDES, zpk))
        pin = read_pin(PinFormat.ISO_0, field)
    except PinBlockError:
        return PinCheck.WRONG
    return (
        PinCheck.RIGHT if pvv(TEST_PVK, pan, PVV_KEY_INDEX, pin) == expected_pvv else PinCheck.WRONG
    )


def verdict(card: Card | None, amount_minor: int, pin: PinCheck) -> str:
    """Return field 39: the PIN first (55), then the card, then the amount.

    ``card`` is None for a payment code, which any wallet pays.
    """
    if pin is PinCheck.WRONG:
        return "55"
    if card is not None and card.refused:
        return card.refused
    if amount_minor > AMOUNT_MAX_MINOR:
        return "61"
    return DECLINES.get(amount_minor % 100, APPROVED)
