"""Message authentication codes: ISO 9797-1 algorithms 1 and 3, CMAC, and the UnionPay POS MAC.

Plain functions for one use, and kept makers (``CupMac``, ``CbcMac``, ``RetailMac``, ``Cmac``) for
keys that serve many messages. How a MAC stands in a message (binary, hex, four bytes) is said in
``commands.MacMethod`` and done in ``macform``; which key may make one is said in ``policy``.
"""

from functools import reduce
from operator import xor
from struct import unpack
from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC

from pointsman.hsm.primitives import (
    BLOCK_SIZE,
    Algorithm,
    CbcChain,
    check_key,
    decryptor,
    encryptor,
    pad_80,
    pad_zeros,
)

PADDING_NONE, PADDING_ZEROS, PADDING_80, PADDING_LENGTH = range(4)


class MacMaker(Protocol):
    """A key made ready for one MAC algorithm."""

    def make(self, data: bytes) -> bytes:
        """Return the full MAC over ``data``."""


class CupMac:
    """UnionPay POS MAC ("ECB method"): fold by XOR, hex, encipher, XOR, encipher.

    It folds blocks by XOR, so it proves nothing about their order: laboratory and TLS only.
    """

    __slots__ = ("_encrypt", "_size")

    def __init__(self, algorithm: Algorithm, key: bytes) -> None:
        self._encrypt = encryptor(algorithm, key)
        self._size = BLOCK_SIZE[algorithm]

    def result(self, data: bytes) -> bytes:
        """Return the whole result block, of which field 64 shows the first four bytes in hex."""
        size = self._size
        text = fold(data, size).hex().upper().encode()
        first = int.from_bytes(self._encrypt(text[:size]))
        return self._encrypt((first ^ int.from_bytes(text[size:])).to_bytes(size))

    def make(self, data: bytes) -> bytes:
        """Return field 64: eight upper-case hex characters."""
        return self.result(data)[:4].hex().upper().encode()


class CbcMac:
    """ISO 9797-1 algorithm 1, zero padding: X9.9 with DES, the UnionPay network MAC with SM4."""

    __slots__ = ("_chain", "_size")

    def __init__(self, algorithm: Algorithm, key: bytes) -> None:
        self._chain = CbcChain(algorithm, key)
        self._size = BLOCK_SIZE[algorithm]

    def make(self, data: bytes) -> bytes:
        """Return the last block."""
        return self._chain.last_block(pad_zeros(data, self._size) or bytes(self._size))


class RetailMac:
    """ISO 9797-1 algorithm 3 with zero padding (X9.19): single DES, at the end TDES.

    The closing decipher and encipher is one call with the whole key.
    """

    __slots__ = ("_chain", "_whole")

    def __init__(self, key: bytes) -> None:
        self._chain = CbcChain(Algorithm.DES, key[:8])
        self._whole = encryptor(Algorithm.TDES, key)

    def make(self, data: bytes) -> bytes:
        """Return the eight bytes over ``data``, zero padded."""
        return self.whole_blocks(pad_zeros(data, 8) or bytes(8))

    def whole_blocks(self, data: bytes) -> bytes:
        """Return the eight bytes over ``data`` that was padded by the caller."""
        last = data[-8:]
        if len(data) > 8:  # noqa: PLR2004  (one block of DES)
            carried = int.from_bytes(self._chain.last_block(data[:-8]))
            last = (carried ^ int.from_bytes(last)).to_bytes(8)
        return self._whole(last)


class Cmac:
    """CMAC (NIST SP 800-38B, ISO 9797-1 algorithm 5) with AES, TDES or SM4."""

    __slots__ = ("_kept",)

    def __init__(self, algorithm: Algorithm, key: bytes) -> None:
        check_key(algorithm, key)
        match algorithm:
            case Algorithm.AES:
                self._kept = CMAC(AES(key))
            case Algorithm.SM4:
                self._kept = CMAC(SM4(key))
            case Algorithm.TDES:
                self._kept = CMAC(TripleDES((key + key[:8])[:24]))
            case Algorithm.DES:
                raise ValueError("CMAC is not used with single DES")

    def make(self, data: bytes) -> bytes:
        """Return the full tag: one block."""
        tag = self._kept.copy()
        tag.update(data)
        return tag.finalize()


def fold(data: bytes, size: int) -> bytes:
    """XOR all blocks of ``size`` (8 or 16) bytes, the last one filled with zero bytes."""
    padded = pad_zeros(data, size) or bytes(size)
    words = unpack(f">{len(padded) // 8}Q", padded)
    if size == 8:  # noqa: PLR2004  (one word a block)
        return _fold_words(words).to_bytes(8)
    return (_fold_words(words[::2]) << 64 | _fold_words(words[1::2])).to_bytes(16)


def _fold_words(words: tuple[int, ...]) -> int:
    return reduce(xor, words)


def cup_ecb_mac(key: bytes, data: bytes) -> bytes:
    """Return field 64 of a UnionPay POS message: 8 hex characters; DES or TDES by key length."""
    return CupMac(des_by_length(key), key).make(data)


def x9_19(key: bytes, data: bytes) -> bytes:
    """Return the X9.19 MAC: eight bytes, zero padding, key of 16 bytes."""
    return RetailMac(key).make(data)


def x9_9(key: bytes, data: bytes) -> bytes:
    """Return the X9.9 MAC: eight bytes, zero padding, key of 8 bytes."""
    return CbcMac(des_by_length(key), key).make(data)


def cmac(algorithm: Algorithm, key: bytes, data: bytes) -> bytes:
    """Return the full CMAC tag."""
    return Cmac(algorithm, key).make(data)


def iso9797(
    number: int,
    algorithm: Algorithm,
    key: bytes,
    data: bytes,
    *,
    padding: int,
    second_key: bytes = b"",
) -> bytes:
    """Return the MAC of ISO 9797-1 algorithm 1 or 3 with padding 0 to 3, full length.

    ``second_key`` is the other half for algorithm 3. Raises ValueError for another number or
    padding, and for data that padding 0 leaves in pieces.
    """
    size = BLOCK_SIZE[algorithm]
    match padding:
        case 0:
            padded = data
        case 1:
            padded = pad_zeros(data, size) or bytes(size)
        case 2:
            padded = pad_80(data, size)
        case 3:
            # "A positive multiple" (6.3.4): empty data have one block of zeros as well.
            padded = (len(data) * 8).to_bytes(size) + (pad_zeros(data, size) or bytes(size))
        case _:
            raise ValueError("padding is 0, 1, 2 or 3")
    if number == 1:
        return CbcChain(algorithm, key).last_block(padded)
    if number == 3:  # noqa: PLR2004  (the standard's own number)
        chained = CbcChain(algorithm, key).last_block(padded)
        return encryptor(algorithm, key)(decryptor(algorithm, second_key)(chained))
    raise ValueError("algorithm 1 or 3")


def des_by_length(key: bytes) -> Algorithm:
    """Return DES for 8 bytes, TDES for 16 or 24."""
    return Algorithm.DES if len(key) == 8 else Algorithm.TDES  # noqa: PLR2004  (bytes of a DES key)
