"""Key blocks of X9.143 (TR-31): versions A to D are read, only B and D are written.

A ``Wrapper`` is a key block protection key made ready. The MAC is checked before anything in the
block is believed; what usage and mode allow is asked afterwards, in ``policy``. What our own keys
carry in their optional blocks is said in ``keys``.
"""

from dataclasses import dataclass, field

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

HEADER_SIZE = 16
BLOCK_SIZE_MAX = 9_999  # four digits of length in the header
OPTIONAL_MAX = 99
WRITTEN = frozenset("BD")
_CIPHER_BLOCK = {"A": 8, "B": 8, "C": 8, "D": 16}
_MAC_SIZE = {"A": 4, "B": 8, "C": 4, "D": 16}
_HIDDEN_SIZE = {"T": 24, "D": 24, "A": 32}  # shorter keys are padded so that length does not show
_PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))
_UPPER_HEX = frozenset("0123456789ABCDEF")


class KeyBlockError(ValueError):
    """A key block that cannot be opened; ``label`` says why, for the audit log."""

    def __init__(self, label: str) -> None:
        super().__init__("key block refused")
        self.label = label


@dataclass(frozen=True, slots=True)
class Option:
    """One optional block: two characters of kind and its text."""

    kind: str
    data: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a key block says in clear about its key, authenticated by its MAC."""

    version: str
    usage: str
    algorithm: str
    mode: str
    key_version: str = "00"
    exportability: str = "N"
    options: tuple[Option, ...] = ()

    def option(self, kind: str) -> str | None:
        """Return the text of the first optional block of this kind."""
        return next((option.data for option in self.options if option.kind == kind), None)


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
        version, header_text, sealed, tag = _cut(block)
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
        if header.version not in WRITTEN or (header.version == "D") != (
            self._algorithm is Algorithm.AES
        ):
            raise KeyBlockError("version")
        if strength(header.algorithm, len(key)) > self.strength:
            raise KeyBlockError("stronger_key")
        clear = (len(key) * 8).to_bytes(2) + key + pad
        if len(clear) % _CIPHER_BLOCK[header.version]:
            raise KeyBlockError("pad")
        text = header_text(header, len(clear))
        tag = self._mac.make(text + clear)
        sealed = self._chain.encrypt(xor_bytes(clear[: len(tag)], tag) + clear[len(tag) :])
        return text + sealed.hex().upper().encode() + tag.hex().upper().encode()

    def seal_variant(self, header: Header, key: bytes, pad: bytes) -> bytes:
        """Return a version A or C block: for known answers alone, nothing of ours is kept so."""
        if self._old is None or header.version not in "AC":
            raise KeyBlockError("version")
        variant, mac = self._old
        clear = (len(key) * 8).to_bytes(2) + key + pad
        text = header_text(header, len(clear))
        sealed = cbc_encrypt(Algorithm.TDES, variant, text[:8], clear)
        return text + (sealed + mac.make(text + sealed)[:4]).hex().upper().encode()

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


def pad_size(header: Header, key_size: int) -> int:
    """Return how many random bytes ``seal`` needs so that the key's length is hidden."""
    block = _CIPHER_BLOCK[header.version]
    hidden = max(key_size, _HIDDEN_SIZE.get(header.algorithm, 0))
    return -(-(2 + hidden) // block) * block - 2 - key_size


def header_text(header: Header, clear_size: int) -> bytes:
    """Return the header as it is written, its optional blocks filled up to a cipher block."""
    block = _CIPHER_BLOCK[header.version]
    texts = [_option_text(option) for option in header.options]
    size = sum(map(len, texts))
    if size % block:
        # PB, at least four characters long, fills up to a whole cipher block (X9.143, 6.3).
        pad = -(size + 4) % block
        texts.append(f"PB{4 + pad:02X}{'0' * pad}")
    options = "".join(texts)
    size = HEADER_SIZE + len(options) + clear_size * 2 + _MAC_SIZE[header.version] * 2
    if size > BLOCK_SIZE_MAX or len(texts) > OPTIONAL_MAX:
        raise KeyBlockError("size")
    return (
        f"{header.version}{size:04d}{header.usage}{header.algorithm}{header.mode}"
        f"{header.key_version}{header.exportability}{len(texts):02d}00{options}"
    ).encode("ascii")


def parse_header(text: bytes) -> Header:
    """Return the header in ``text`` (its first 16 characters and all optional blocks)."""
    head = text.decode("ascii")
    options, end = _walk(head)
    if end != len(head):
        raise KeyBlockError("optional")
    return Header(head[0], head[5:7], head[7], head[8], head[9:11], head[11], options)


def peek(block: bytes) -> Header:
    """Read a header that nobody has authenticated yet: for labels and choices, never for trust."""
    return parse_header(_cut(block)[1])


def _cut(block: bytes) -> tuple[str, bytes, bytes, bytes]:
    if not HEADER_SIZE < len(block) <= BLOCK_SIZE_MAX:
        raise KeyBlockError("size")
    if not block.isascii():
        raise KeyBlockError("characters")
    text = block.decode("ascii")
    version = text[0]
    if version not in _CIPHER_BLOCK:
        raise KeyBlockError("version")
    if not text[1:5].isdigit() or int(text[1:5]) != len(text):
        raise KeyBlockError("length")
    if not _PRINTABLE.issuperset(text[:HEADER_SIZE]):
        raise KeyBlockError("characters")
    _, end = _walk(text)
    body = text[end:]
    mac_size = _MAC_SIZE[version] * 2
    sealed, tag = body[:-mac_size], body[-mac_size:]
    if not _UPPER_HEX.issuperset(body):
        raise KeyBlockError("characters")
    if len(tag) != mac_size or not sealed or len(sealed) % (_CIPHER_BLOCK[version] * 2):
        raise KeyBlockError("length")
    return version, block[:end], bytes.fromhex(sealed), bytes.fromhex(tag)


def _walk(text: str) -> tuple[tuple[Option, ...], int]:
    if not text[12:14].isdigit():
        raise KeyBlockError("optional")
    at, options = HEADER_SIZE, []
    for _ in range(int(text[12:14])):
        start, size, skip = at, _hex(text[at + 2 : at + 4]), 4
        if size == 0:  # a length of lengths, X9.143 extended form
            digits = _hex(text[at + 4 : at + 6])
            size, skip = _hex(text[at + 6 : at + 6 + digits]), 6 + digits
        at = start + size
        if size < skip or at > len(text) or not _PRINTABLE.issuperset(text[start:at]):
            raise KeyBlockError("optional")
        options.append(Option(text[start : start + 2], text[start + skip : at]))
    return tuple(options), at


def _hex(text: str) -> int:
    if not text or not _UPPER_HEX.issuperset(text):
        raise KeyBlockError("optional")
    return int(text, 16)


def _option_text(option: Option) -> str:
    size = 4 + len(option.data)
    if len(option.kind) != 2 or not _PRINTABLE.issuperset(option.kind + option.data):  # noqa: PLR2004
        raise KeyBlockError("optional")
    if size <= 0xFF:  # noqa: PLR2004  (two hex digits)
        return f"{option.kind}{size:02X}{option.data}"
    return f"{option.kind}0004{size + 6:04X}{option.data}"


def _derive(kbpk: bytes, algorithm: Algorithm, purpose: int) -> bytes:
    """Derive the enciphering (0) or MAC (1) key by CMAC in counter mode (X9.143, 7.3)."""
    number = {16: 0, 24: 1} if algorithm is Algorithm.TDES else {16: 2, 24: 3, 32: 4}
    tail = purpose.to_bytes(2) + b"\x00" + number[len(kbpk)].to_bytes(2)
    tail += (len(kbpk) * 8).to_bytes(2)
    prf = Cmac(algorithm, kbpk)
    size = 8 if algorithm is Algorithm.TDES else 16
    steps = range(1, -(-len(kbpk) // size) + 1)
    return b"".join(prf.make(bytes([step]) + tail) for step in steps)[: len(kbpk)]
