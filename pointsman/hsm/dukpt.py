"""Keys derived per transaction: DUKPT with TDES (X9.24-1) and with AES (X9.24-3).

No KSN state: whether a counter may be used again is asked by the switch. ``DukptKeys`` keeps the
inner nodes of the tree, so that counters in sequence cost one step. What is done with a key is in
``pinblock`` and ``mac``.
"""

from collections.abc import Callable
from enum import Enum
from hashlib import blake2b

from pointsman.hsm.mac import Cmac, MacMaker, RetailMac
from pointsman.hsm.primitives import (
    Algorithm,
    Blocks,
    cbc_encrypt,
    decryptor,
    encryptor,
    xor_bytes,
)

NODES_MAX = 40_000  # inner nodes kept in each of two generations, about 200 bytes each
TDES_KSN_SIZE, AES_KSN_SIZE = 10, 12
TDES_ONES_MAX, AES_ONES_MAX = 10, 16  # one-bits that a device may use in its counter
TDES_COUNTER_MASK = (1 << 21) - 1
_C0 = bytes.fromhex("C0C0C0C000000000C0C0C0C000000000")
_C0_NUMBER = int.from_bytes(_C0)


class Use(Enum):
    """What a working key is for: the TDES variant's byte from the right, the AES usage number."""

    PIN = (0, 0x1000)
    MAC_REQUEST = (1, 0x2000)
    MAC_RESPONSE = (3, 0x2001)
    DATA_REQUEST = (2, 0x3000)
    DATA_RESPONSE = (4, 0x3001)


class Working(Enum):
    """An AES DUKPT working key's type: algorithm number and size in bytes (X9.24-3, 6.3.2)."""

    TDES2 = (0, 16)
    TDES3 = (1, 24)
    AES128 = (2, 16)
    AES192 = (3, 24)
    AES256 = (4, 32)


_KEY_ENCRYPTION, _DERIVATION, _INITIAL = 0x0002, 0x8000, 0x8001
_TYPE_BY_SIZE = {16: Working.AES128, 24: Working.AES192, 32: Working.AES256}


def split_tdes_ksn(ksn: bytes) -> tuple[bytes, int]:
    """Return the device part (8 bytes, counter bits cleared) and the 21-bit counter.

    Raises ValueError for another length, counter 0 and counters that no device would use.
    """
    if len(ksn) != TDES_KSN_SIZE:
        raise ValueError("a TDES KSN has ten bytes")
    counter = int.from_bytes(ksn) & TDES_COUNTER_MASK
    if not 0 < counter.bit_count() <= TDES_ONES_MAX:
        raise ValueError("a counter of one to ten one-bits")
    return ksn[:7] + bytes((ksn[7] & 0xE0,)), counter


def split_aes_ksn(ksn: bytes) -> tuple[bytes, int]:
    """Return the initial key id (8 bytes) and the 32-bit counter; ValueError as above."""
    if len(ksn) != AES_KSN_SIZE:
        raise ValueError("an AES KSN has twelve bytes")
    counter = int.from_bytes(ksn[8:])
    if not 0 < counter.bit_count() <= AES_ONES_MAX:
        raise ValueError("a counter of one to sixteen one-bits")
    return ksn[:8], counter


def next_ksn(ksn: bytes) -> bytes:
    """Return the KSN that a TDES device uses after this one; raises ValueError at the end."""
    number = int.from_bytes(ksn)
    counter = (number & TDES_COUNTER_MASK) + 1
    while counter.bit_count() > TDES_ONES_MAX:
        counter += counter & -counter
    if counter > TDES_COUNTER_MASK:
        raise ValueError("the device's counter is used up")
    return (number & ~TDES_COUNTER_MASK | counter).to_bytes(TDES_KSN_SIZE)


def tdes_initial_key(bdk: bytes, device: bytes) -> bytes:
    """Return the key that was loaded into the device: E(BDK) and E(BDK variant) of its number."""
    return _initial_keys(Algorithm.TDES, bdk)(device)


def tdes_step(key: bytes, register: bytes) -> bytes:
    """Derive a child: the non-reversible key generation process of X9.24-1, annex A."""
    other, number = (int.from_bytes(key) ^ _C0_NUMBER).to_bytes(16), int.from_bytes(register)
    return _tdes_half(other, number) + _tdes_half(key, number)


def tdes_variant(key: bytes, use: Use) -> bytes:
    """Return the transaction key's variant; a data key is enciphered under itself once more."""
    mask = bytes(7 - use.value[0]) + b"\xff" + bytes(use.value[0])
    return xor_bytes(key, mask + mask)


def tdes_data_key(key: bytes, use: Use) -> bytes:
    """Return a data key: each half of the variant enciphered under the whole variant."""
    variant = tdes_variant(key, use)
    return encryptor(Algorithm.TDES, variant)(variant)


def aes_derive(key: bytes, usage: int, made: Working, context: bytes) -> bytes:
    """Derive a key of type ``made``; ``context`` is the last eight bytes of derivation data."""
    return _aes_derived(encryptor(Algorithm.AES, key), usage, made, context)


def _aes_derived(encrypt: Blocks, usage: int, made: Working, context: bytes) -> bytes:
    number, size = made.value
    tail = usage.to_bytes(2) + number.to_bytes(2) + (size * 8).to_bytes(2) + context
    blocks = -(-size // 16)
    return encrypt(b"".join(b"\x01" + bytes((at,)) + tail for at in range(1, blocks + 1)))[:size]


def aes_initial_key(bdk: bytes, device: bytes) -> bytes:
    """Return the device's initial key, of the BDK's own type."""
    return _initial_keys(Algorithm.AES, bdk)(device)


def _initial_keys(algorithm: Algorithm, bdk: bytes) -> Callable[[bytes], bytes]:
    """Return what makes a device's initial key, the BDK's ciphers ready."""
    if algorithm is Algorithm.TDES:
        left, right = encryptor(algorithm, bdk), encryptor(algorithm, xor_bytes(bdk, _C0))
        return lambda device: left(device) + right(device)
    encrypt, made = encryptor(algorithm, bdk), _TYPE_BY_SIZE[len(bdk)]
    return lambda device: _aes_derived(encrypt, _INITIAL, made, device)


def aes_working_key(key: bytes, use: Use, made: Working, device: bytes, counter: int) -> bytes:
    """Return a working key of a transaction from its derivation key."""
    return aes_derive(key, use.value[1], made, device[4:] + counter.to_bytes(4))


def aes_update_key(initial: bytes, device: bytes, made: Working) -> bytes:
    """Return the key under which a new initial key travels: counter all ones (X9.24-3, 6.6.2)."""
    key, counter = initial, 0
    for bit in range(31, -1, -1):
        counter |= 1 << bit
        key = _aes_child(key, device, counter)
    return aes_derive(key, _KEY_ENCRYPTION, made, device[4:] + counter.to_bytes(4))


class Bdk:
    """A base derivation key made ready; ``name`` tells it from all others."""

    __slots__ = ("algorithm", "initial_key", "name")

    def __init__(self, algorithm: Algorithm, key: bytes, name: bytes) -> None:
        self.algorithm = algorithm
        self.name = name
        self.initial_key = _initial_keys(algorithm, key)


class DukptKeys:
    """Transaction keys with the inner nodes of each device's tree kept, bounded."""

    __slots__ = ("_old", "_young", "nodes_max")

    def __init__(self, nodes_max: int = NODES_MAX) -> None:
        self.nodes_max = nodes_max
        self._young: dict[tuple[bytes, int], bytes] = {}
        self._old: dict[tuple[bytes, int], bytes] = {}

    def transaction_key(self, bdk: Bdk, ksn: bytes) -> bytes:
        """Return the key of one transaction; ValueError for a KSN that no device could send."""
        tdes = bdk.algorithm is Algorithm.TDES
        device, counter = split_tdes_ksn(ksn) if tdes else split_aes_ksn(ksn)
        who = blake2b(bdk.name, digest_size=16, key=device).digest()
        root = self._find(who, 0)
        if root is None:
            root = bdk.initial_key(device)
            self._keep(who, 0, root)
        # Down from the deepest node that is kept: each bit of the counter is one step.
        missing = []
        while counter and (found := self._find(who, counter)) is None:
            missing.append(counter)
            counter &= counter - 1
        key = root if not counter else found
        assert key is not None
        for each in reversed(missing):
            key = (_tdes_child if tdes else _aes_child)(key, device, each)
            if each % 2 == 0:  # an odd counter has no children
                self._keep(who, each, key)
        return key

    def working_key(self, bdk: Bdk, ksn: bytes, use: Use, made: Working) -> tuple[Algorithm, bytes]:
        """Return the working key for a PIN or MAC use and its algorithm."""
        key = self.transaction_key(bdk, ksn)
        if bdk.algorithm is Algorithm.TDES:
            return Algorithm.TDES, tdes_variant(key, use)
        device, counter = split_aes_ksn(ksn)
        cipher = Algorithm.TDES if made in (Working.TDES2, Working.TDES3) else Algorithm.AES
        return cipher, aes_working_key(key, use, made, device, counter)

    def pin_decryptor(self, bdk: Bdk, ksn: bytes, made: Working) -> tuple[Algorithm, Blocks]:
        """Return what deciphers the PIN block of this transaction."""
        cipher, key = self.working_key(bdk, ksn, Use.PIN, made)
        return cipher, decryptor(cipher, key)

    def mac_maker(self, bdk: Bdk, ksn: bytes, use: Use, made: Working) -> MacMaker:
        """Return the MAC of a request or an answer: retail with TDES, CMAC with AES."""
        cipher, key = self.working_key(bdk, ksn, use, made)
        return RetailMac(key) if cipher is Algorithm.TDES else Cmac(cipher, key)

    def _find(self, who: bytes, counter: int) -> bytes | None:
        return self._young.get((who, counter)) or self._old.get((who, counter))

    def _keep(self, who: bytes, counter: int, key: bytes) -> None:
        if len(self._young) >= self.nodes_max:
            self._old, self._young = self._young, {}
        self._young[who, counter] = key


def data_cbc(algorithm: Algorithm, key: bytes, data: bytes) -> bytes:
    """Encipher data under a data key: CBC, zero IV, zero padding."""
    size = 8 if algorithm is Algorithm.TDES else 16
    return cbc_encrypt(algorithm, key, bytes(size), data + bytes(-len(data) % size))


def _tdes_child(parent: bytes, device: bytes, counter: int) -> bytes:
    # The register is the right eight bytes of the KSN with only the counter's bits so far.
    base = int.from_bytes(device[2:]) << 16
    return tdes_step(parent, (base & (2**64 - 1) | counter).to_bytes(8))


def _aes_child(parent: bytes, device: bytes, counter: int) -> bytes:
    context = device[4:] + counter.to_bytes(4)
    return aes_derive(parent, _DERIVATION, _TYPE_BY_SIZE[len(parent)], context)


def _tdes_half(key: bytes, register: int) -> bytes:
    left, right = key[:8], int.from_bytes(key[8:])
    middle = encryptor(Algorithm.DES, left)((register ^ right).to_bytes(8))
    return (int.from_bytes(middle) ^ right).to_bytes(8)
