"""A simulated terminal's keys: unwrapped from a sign-in, used for PIN blocks and MACs.

A core over the HSM room's pure functions; the keys are clear because a terminal is where PIN and
MAC are made. The master key is a published test key. When to sign in is decided in terminal.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

from pointsman.codecs.codec import Message
from pointsman.hsm.mac import cup_ecb_mac, x9_9, x9_19
from pointsman.hsm.pinblock import PinFormat, encipher, plain_field
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor, same

KCV_SIZE: Final = 4
DES_KEY_SIZE, TDES_KEY_SIZE = 8, 16
ZEROS: Final = bytes(8)
TEST_ZMK: Final = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
# Zero-based: the second half of a MAK slot, all zero where the MAK has single length.
SECOND_HALF: Final = slice(28, 36)
LAYOUT_SIZES: Final[Mapping[str, int]] = MappingProxyType({"001": 24, "003": 40, "004": 60})


class KeysRefusedError(ValueError):
    """Working keys that do not fit their check values, or a field 62 that is no key field."""


class MacMethod(StrEnum):
    """How field 64 is made; the names are those of site files."""

    CUP_ECB = "cup-ecb"
    X9_19 = "x9.19"
    X9_9 = "x9.9"


_MAKERS: Final[Mapping[MacMethod, Callable[[bytes, bytes], bytes]]] = MappingProxyType(
    {MacMethod.CUP_ECB: cup_ecb_mac, MacMethod.X9_19: x9_19, MacMethod.X9_9: x9_9}
)


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """One set of working keys, clear."""

    pik: bytes = field(repr=False)
    mak: bytes = field(repr=False)

    def pin_block(self, pin: str, pan: str) -> str:
        """Return field 52: an enciphered ISO 9564 format 0 block, as hex."""
        clear = plain_field(PinFormat.ISO_0, pin)
        return encipher(PinFormat.ISO_0, clear, pan, _encrypt(self.pik)).hex().upper()

    def mac(self, method: MacMethod, data: bytes) -> str:
        """Return field 64 over ``data`` (type to the byte before field 64), as hex."""
        match method:
            case MacMethod.CUP_ECB | MacMethod.X9_19 | MacMethod.X9_9:
                return _MAKERS[method](self.mak, data).hex().upper()
            case _:
                assert_never(method)

    def verifies(self, method: MacMethod, message: Message) -> bool:
        """Tell whether field 64 of an answer is right under this set."""
        covered = message.raw[: message.span(64)[0]]
        return same(self.mac(method, covered), message[64].upper())


def unwrap(tmk: bytes, layout: str, data: bytes) -> WorkingKeys:
    """Return the working keys in field 62 of a sign-in answer; raises KeysRefusedError.

    ``layout`` is 60.3: 001 single, 003 double, 004 with a track key (terminal-protocol 5).
    The keys are enciphered half by half with TDES under the master key.
    """
    if len(data) != LAYOUT_SIZES.get(layout):
        raise KeysRefusedError("field 62 has not the size of its layout")
    size = DES_KEY_SIZE if layout == "001" else TDES_KEY_SIZE
    pik_kcv, mak_at = data[size : size + KCV_SIZE], size + KCV_SIZE
    mak_size = DES_KEY_SIZE if layout == "001" or not any(data[SECOND_HALF]) else TDES_KEY_SIZE
    mak_kcv = data[mak_at + size : mak_at + size + KCV_SIZE]
    decrypt = decryptor(Algorithm.TDES, tmk)
    pik, mak = decrypt(data[:size]), decrypt(data[mak_at : mak_at + mak_size])
    for name, key, kcv in (("PIN key", pik, pik_kcv), ("MAC key", mak, mak_kcv)):
        if _encrypt(key)(ZEROS)[:KCV_SIZE] != kcv:
            raise KeysRefusedError(f"check value of the {name} differs")
    return WorkingKeys(pik, mak)


def unwrapped(data: bytes) -> bytes:
    """Return a master key that came under the published test transport key (TDES, half by half)."""
    return decryptor(Algorithm.TDES, TEST_ZMK)(data)


def _encrypt(key: bytes) -> Callable[[bytes], bytes]:
    algorithm = Algorithm.DES if len(key) == DES_KEY_SIZE else Algorithm.TDES
    return encryptor(algorithm, key)
