"""The test cards that both simulators know: numbers, tracks, PIN check values.

Only card numbers that are published for tests. The terminal takes a card from here to make a
request, the acquirer finds the card again by its number. What an issuer says to it is in issuer.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

RIGHT_PIN: Final = "123456"
WRONG_PIN: Final = "654321"
EXPIRY: Final = "3012"  # YYMM
SHOWN_FIRST, SHOWN_LAST = 6, 4  # the one truncation of the house


@dataclass(frozen=True, slots=True)
class Card:
    """One published test card; ``pvv`` is the Visa PVV of `RIGHT_PIN` under the test PVK.

    ``service_code`` starting 2 says that there is a chip. ``refused`` is the code with which the
    simulated issuer answers this card always; empty: the amount decides.
    """

    name: str
    pan: str = field(repr=False)
    scheme: str
    pvv: str = field(repr=False)
    service_code: str = "201"
    refused: str = ""

    @property
    def domestic(self) -> bool:
        """Whether the card counts in the first block of the terminal's totals."""
        return self.scheme == "CUP"

    @property
    def track2(self) -> str:
        """Track 2 with separator D, without sentinels: 37 characters at most (ISO 7813)."""
        tail = "0000012300000"
        return f"{self.pan}D{EXPIRY}{self.service_code}{tail}"[:37]

    @property
    def masked(self) -> str:
        """First six and last four digits, stars between."""
        return mask(self.pan)


def mask(number: str) -> str:
    """Return ``number`` with all but its first six and last four characters as stars."""
    hidden = len(number) - SHOWN_FIRST - SHOWN_LAST
    if hidden < 1:
        return "*" * len(number)
    return number[:SHOWN_FIRST] + "*" * hidden + number[-SHOWN_LAST:]


_ROWS: Final = (
    Card("union-19", "6216261000000000018", "CUP", "8395"),
    Card("union-16", "6226388000000095", "CUP", "6306"),
    Card("union-debit", "6226090000000048", "CUP", "7678"),
    Card("union-credit", "6250947000000014", "CUP", "1950"),
    Card("union-short", "6200000000000005", "CUP", "6499"),
    Card("union-long", "6205500000000000004", "CUP", "6499"),
    Card("union-lost", "6223164991230014", "CUP", "0606", refused="41"),
    Card("visa", "4111111111111111", "VIS", "9464"),
    Card("visa-chip", "4012888888881881", "VIS", "5124"),
    Card("mastercard", "5555555555554444", "MCC", "0516"),
    Card("jcb", "3566002020360505", "JCB", "0208"),
)
CARDS: Final[Mapping[str, Card]] = MappingProxyType({card.name: card for card in _ROWS})
_BY_PAN: Final = MappingProxyType({card.pan: card for card in _ROWS})


def card_of(pan: str) -> Card | None:
    """Return the test card with this number, or None for a number that nobody published."""
    return _BY_PAN.get(pan)
