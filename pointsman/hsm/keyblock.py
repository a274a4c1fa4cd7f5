"""Key blocks of X9.143 (TR-31): versions A to D are read, only B and D are written.

A ``Wrapper`` is a key block protection key made ready. The MAC is checked before anything in the
block is believed; what usage and mode allow is asked afterwards, in ``policy``. What our own keys
carry in their optional blocks is said in ``keys``.
"""

from dataclasses import dataclass, field

from pointsman.hsm.keyheader import (
    CIPHER_BLOCK,
    Header,
    KeyBlockError,
    cut,
    header_text,
    parse_header,
)
from pointsman.hsm.mac import CbcMac, Cmac, MacMaker
from pointsman.hsm.primitives import (
    Algorithm,
    CbcChain,
    cbc_decrypt,
    cbc_encrypt,
    check_key,
    decryptor,
    same,
    xor_bytes,
)

WRITTEN = frozenset("BD")


@dataclass(frozen=True, slots=True)
class OpenedBlock:
    """A block after its MAC proved right: its header, its key, and the clear field of both."""

    header: Header
    key: bytes = field(repr=False)
    clear: bytes = field(repr=False)


class Wrapper:
    """A key block protection key: opens and seals blocks, with the derived keys kept.

    TDES of 16 or 24 bytes serves versions A, B and C; AES of 16, 24 or 32 bytes serves D.
    """

    __slots__ = ("_algorithm", "_chain", "_decrypt", "_kbpk_size", "_mac", "_old")

    def __init__(self, kbpk: bytes, algorithm: Algorithm) -> None:
        check_key(algorithm, kbpk)
        if algorithm not in (Algorithm.AES, Algorithm.TDES):
            raise ValueError("key blocks are protected by TDES or AES")
        self._algorithm = algorithm
        self._kbpk_size = len(kbpk)
        encrypt_key = _derive(kbpk, algorithm, 0)
        self._decrypt = decryptor(algorithm, encrypt_key)
        self._chain = CbcChain(algorithm, encrypt_key)
        self._mac: MacMaker = Cmac(algorithm, _derive(kbpk, algorithm, 1))
        self._old: tuple[bytes, CbcMac] | None = None
        if algorithm is Algorithm.TDES:
            # Versions A and C: the two keys are variants (X9.143, key variant binding).
            mac_key = xor_bytes(kbpk, b"\x4d" * len(kbpk))
            self._old = xor_bytes(kbpk, b"\x45" * len(kbpk)), CbcMac(algorithm, mac_key)

    def open(self, block: bytes) -> OpenedBlock:
        """Check the MAC and return header and key; raises KeyBlockError."""
        version, header_text, sealed, tag = cut(block)
        if (version == "D") != (self._algorithm is Algorithm.AES):
            raise KeyBlockError("version")
        if version in "BD":
            # CBC by one call: all blocks at once, XOR with what came before each.
            before = int.from_bytes(tag + sealed[: -len(tag)])
            clear = (int.from_bytes(self._decrypt(sealed)) ^ before).to_bytes(len(sealed))
            expected = self._mac.make(header_text + clear)
        else:
            assert self._old is not None  # TDES
            key, mac = self._old
            expected = mac.make(header_text + sealed)[:4]
            clear = b""
            if same(expected, tag):
                clear = cbc_decrypt(Algorithm.TDES, key, header_text[:8], sealed)
        if not same(expected, tag):
            raise KeyBlockError("mac_mismatch")
        header = parse_header(header_text)
        bits = int.from_bytes(clear[:2])
        size = bits // 8
        if bits % 8 or not 0 < size <= len(clear) - 2:
            raise KeyBlockError("key_length")
        return OpenedBlock(header, clear[2 : 2 + size], clear)

    def seal(self, header: Header, key: bytes, pad: bytes) -> bytes:
        """Return the block for ``key``; ``pad`` is as many random bytes as ``pad_size`` says.

        Raises KeyBlockError for versions A and C, which are not written any more, and when this
        key would protect a stronger one.
        """
        if header.version not in WRITTEN:
            raise KeyBlockError("version")
        if strength(header.algorithm, len(key)) > self.strength:
            raise KeyBlockError("stronger_key")
        return self.seal_as_given(header, key, pad)

    def seal_as_given(self, header: Header, key: bytes, pad: bytes) -> bytes:
        """Return a block of any version, for known answers alone: nothing of ours is kept so."""
        if (header.version == "D") != (self._algorithm is Algorithm.AES):
            raise KeyBlockError("version")
        clear = (len(key) * 8).to_bytes(2) + key + pad
        if len(clear) % CIPHER_BLOCK[header.version]:
            raise KeyBlockError("pad")
        text = header_text(header, len(clear))
        if header.version in WRITTEN:
            tag = self._mac.make(text + clear)
            sealed = self._chain.encrypt(xor_bytes(clear[: len(tag)], tag) + clear[len(tag) :])
        else:
            assert self._old is not None  # TDES
            variant, mac = self._old
            sealed = cbc_encrypt(Algorithm.TDES, variant, text[:8], clear)
            tag = mac.make(text + sealed)[:4]
        return text + sealed.hex().upper().encode() + tag.hex().upper().encode()

    @property
    def strength(self) -> int:
        """The protecting key's strength in bits."""
        return strength(self._algorithm.value, self._kbpk_size)


def strength(algorithm: str, size: int) -> int:
    """Return bits of strength by NIST SP 800-57 part 1: two-key TDES 80, three-key 112."""
    if algorithm == "T":
        return 112 if size == 24 else 80  # noqa: PLR2004  (bytes of three keys)
    if algorithm == "D":
        return 56
    return min(size * 8, 256)


def _derive(kbpk: bytes, algorithm: Algorithm, purpose: int) -> bytes:
    """Derive the enciphering (0) or MAC (1) key by CMAC in counter mode (X9.143, 7.3)."""
    number = {16: 0, 24: 1} if algorithm is Algorithm.TDES else {16: 2, 24: 3, 32: 4}
    tail = purpose.to_bytes(2) + b"\x00" + number[len(kbpk)].to_bytes(2)
    tail += (len(kbpk) * 8).to_bytes(2)
    prf = Cmac(algorithm, kbpk)
    size = 8 if algorithm is Algorithm.TDES else 16
    steps = range(1, -(-len(kbpk) // size) + 1)
    return b"".join(prf.make(bytes([step]) + tail) for step in steps)[: len(kbpk)]
