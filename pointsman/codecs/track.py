"""Track 2: card number, expiry and service code out of one field, never printed.

ISO/IEC 7813: number, separator, YYMM, service code, the issuer's own data. The separator is = in
text and D in packed digits. Enciphered track data is the HSM's business.
"""

import re
from typing import Final

from msgspec import Struct

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.mask import mask_pan

TRACK2_FIELD: Final = 35
# An absent expiry or service code is a separator in its place.
_TRACK2: Final = re.compile(
    r"([0-9]{8,19})[=D]([0-9]{4}|[=D])([0-9]{3}|[=D])([0-9A-F=]*)", re.ASCII
)


class Track2(Struct, frozen=True):
    """The parts of track 2; ``expiry`` (YYMM) and ``service_code`` may be empty."""

    pan: str
    expiry: str
    service_code: str
    discretionary: str

    def __repr__(self) -> str:
        return f"Track2({mask_pan(self.pan)})"


def parse_track2(text: str) -> Track2:
    """Return the parts of track 2 as fields hold it; raises DecodeError."""
    found = _TRACK2.fullmatch(text)
    if found is None:
        raise DecodeError("not number, separator, expiry, service code", field=TRACK2_FIELD)
    pan, expiry, service_code, rest = found.groups()
    return Track2(
        pan,
        "" if expiry in "=D" else expiry,
        "" if service_code in "=D" else service_code,
        rest,
    )
