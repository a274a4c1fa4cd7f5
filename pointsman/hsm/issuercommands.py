"""What the simulators' issuer may ask, and the answers: PIN, cryptogram and card value checks.

Values only; ``commands`` shows all of these under its own name: import them from there.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class VerifyPin:
    """Simulator only: tell whether the PIN in ``block`` is the card's, by its PVV."""

    zpk: bytes = field(repr=False)
    pvk: bytes = field(repr=False)
    block: bytes = field(repr=False)
    pan: str = field(repr=False)
    pvki: str
    pvv: str = field(repr=False)
    block_format: int = 0


@dataclass(frozen=True, slots=True)
class VerifyCryptogram:
    """Simulator only: check an ARQC and make the ARPC; ``scheme`` "cvn10", "cvn18" or "mchip"."""

    mk: bytes = field(repr=False)
    scheme: str
    pan: str = field(repr=False)
    psn: str
    atc: bytes
    unpredictable: bytes
    data: bytes = field(repr=False)
    arqc: bytes
    arc: bytes


@dataclass(frozen=True, slots=True)
class CryptogramChecked:
    """Whether the ARQC was right, and the ARPC if it was."""

    right: bool
    arpc: bytes | None = None


@dataclass(frozen=True, slots=True)
class VerifyCardValue:
    """Simulator only: tell whether a CVV, CVV2 or iCVV is right."""

    cvk: bytes = field(repr=False)
    pan: str = field(repr=False)
    expiry: str = field(repr=False)
    service_code: str = field(repr=False)
    cvv: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """Right or wrong, and nothing else."""

    right: bool
