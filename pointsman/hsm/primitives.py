"""Block ciphers as the payment algorithms need them: kept objects, whole blocks, no padding.

Two libraries stand behind one small interface: OpenSSL (``cryptography``), whose objects are made
and called at a fifth of the other's cost, does the work; pycryptodome computes its answers at every
start. Payment rules are in ``mac`` and beside.
"""

import hmac
from collections.abc import Callable
from enum import Enum
from functools import reduce
from itertools import pairwise
from operator import xor

from Crypto.Cipher import AES, DES, DES3
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers import algorithms as openssl


class Algorithm(Enum):
    """A block cipher, by its X9.143 letter; SM4 has none there, so a private digit."""

    DES = "D"
    TDES = "T"
    AES = "A"
    SM4 = "4"

    __hash__ = object.__hash__  # an Enum's own is computed in Python, at every look into a table


class Library(Enum):
    """Which library does the work."""

    OPENSSL = "openssl"
    PYCRYPTODOME = "pycryptodome"


BLOCK_SIZE: dict[Algorithm, int] = {
    Algorithm.DES: 8,
    Algorithm.TDES: 8,
    Algorithm.AES: 16,
    Algorithm.SM4: 16,
}
KEY_SIZES: dict[Algorithm, frozenset[int]] = {
    Algorithm.DES: frozenset({8}),
    Algorithm.TDES: frozenset({16, 24}),
    Algorithm.AES: frozenset({16, 24, 32}),
    Algorithm.SM4: frozenset({16}),
}

Blocks = Callable[[bytes], bytes]
"""Turns whole blocks into as many blocks; kept and called any number of times."""

same = hmac.compare_digest
"""Compare two secrets in constant time."""


def encryptor(algorithm: Algorithm, key: bytes, library: Library = Library.OPENSSL) -> Blocks:
    """Return ECB encipherment under ``key``; raises ValueError if the key's length is wrong."""
    if library is Library.PYCRYPTODOME:
        return _pycryptodome(algorithm, key)[0]
    return Cipher(_openssl(algorithm, key), _ECB).encryptor().update


def decryptor(algorithm: Algorithm, key: bytes, library: Library = Library.OPENSSL) -> Blocks:
    """Return ECB decipherment under ``key``; raises ValueError if the key's length is wrong."""
    if library is Library.PYCRYPTODOME:
        return _pycryptodome(algorithm, key)[1]
    return Cipher(_openssl(algorithm, key), _ECB).decryptor().update


class CbcChain:
    """CBC from a zero IV on one kept object: its last block is carried and XORed away again.

    One owner, no threads: the carry is the object's state.
    """

    __slots__ = ("_carry", "_size", "_update")

    def __init__(self, algorithm: Algorithm, key: bytes) -> None:
        self._size = BLOCK_SIZE[algorithm]
        mode = modes.CBC(bytes(self._size))
        self._update = Cipher(_openssl(algorithm, key), mode).encryptor().update
        self._carry = 0

    def encrypt(self, data: bytes) -> bytes:
        """Encipher ``data`` (one or more whole blocks) as CBC with a zero IV."""
        size = self._size
        if not data or len(data) % size:
            raise ValueError("CBC needs whole blocks")
        if self._carry:
            first = int.from_bytes(data[:size]) ^ self._carry
            data = first.to_bytes(size) + data[size:]
        out = self._update(data)
        self._carry = int.from_bytes(out[-size:])
        return out

    def last_block(self, data: bytes) -> bytes:
        """Return only the last block of the encipherment: the CBC-MAC of ``data``."""
        return self.encrypt(data)[-self._size :]


def cbc_encrypt(algorithm: Algorithm, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encipher whole blocks in CBC mode under a key that is used once."""
    return Cipher(_openssl(algorithm, key), modes.CBC(iv)).encryptor().update(data)


def cbc_decrypt(algorithm: Algorithm, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decipher whole blocks in CBC mode under a key that is used once."""
    return Cipher(_openssl(algorithm, key), modes.CBC(iv)).decryptor().update(data)


def pad_zeros(data: bytes, size: int) -> bytes:
    """Fill the last block with zero bytes; nothing is added to whole blocks (ISO 9797-1, 1)."""
    return data + bytes(-len(data) % size)


def pad_80(data: bytes, size: int) -> bytes:
    """Add X'80' and zero bytes up to a whole block, always (ISO 9797-1, method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % size)


def xor_bytes(*parts: bytes) -> bytes:
    """XOR byte strings of one length."""
    size = len(parts[0])
    if any(len(part) != size for part in parts):
        raise ValueError("XOR needs equal lengths")
    return reduce(xor, (int.from_bytes(part) for part in parts)).to_bytes(size)


def check_key(algorithm: Algorithm, key: bytes) -> None:
    """Raise ValueError when ``key`` has a length that the cipher does not know."""
    if len(key) not in KEY_SIZES[algorithm]:
        raise ValueError("key length does not fit the algorithm")


_ECB = modes.ECB()  # noqa: S305  (one block at a time)
_OpenSsl = TripleDES | openssl.AES | openssl.SM4
_OPENSSL: dict[Algorithm, Callable[[bytes], _OpenSsl]] = {
    Algorithm.DES: lambda key: TripleDES(key * 3),  # E-D-E with one key is single DES
    Algorithm.TDES: lambda key: TripleDES((key + key[:8])[:24]),
    Algorithm.AES: openssl.AES,
    Algorithm.SM4: openssl.SM4,
}


def _openssl(algorithm: Algorithm, key: bytes) -> _OpenSsl:
    check_key(algorithm, key)
    return _OPENSSL[algorithm](key)


def _pycryptodome(algorithm: Algorithm, key: bytes) -> tuple[Blocks, Blocks]:
    check_key(algorithm, key)
    match algorithm:
        case Algorithm.DES:
            single = DES.new(key, DES.MODE_ECB)  # noqa: S304  (DES is what the terminals speak)
            return single.encrypt, single.decrypt
        case Algorithm.TDES:
            if not _has_equal_parts(key):
                triple = DES3.new(key, DES3.MODE_ECB)
                return triple.encrypt, triple.decrypt
            # DES3 refuses equal parts, which the standards allow here and there: E-D-E by hand.
            parts = [DES.new(key[at : at + 8], DES.MODE_ECB) for at in range(0, len(key), 8)]  # noqa: S304
            one, two, three = parts[0], parts[1], parts[-1] if len(parts) > 2 else parts[0]  # noqa: PLR2004
            return (
                lambda data: three.encrypt(two.decrypt(one.encrypt(data))),
                lambda data: one.decrypt(two.encrypt(three.decrypt(data))),
            )
        case Algorithm.AES:
            kept = AES.new(key, AES.MODE_ECB)
            return kept.encrypt, kept.decrypt
        case Algorithm.SM4:
            raise ValueError("pycryptodome has no SM4")


_NO_PARITY = bytes(byte & 0xFE for byte in range(256))


def _has_equal_parts(key: bytes) -> bool:
    parts = [key[at : at + 8].translate(_NO_PARITY) for at in range(0, len(key), 8)]
    return any(one == two for one, two in pairwise(parts))
