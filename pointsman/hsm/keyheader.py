"""The clear part of an X9.143 key block: header and optional blocks, written and read.

What a header says is believed only after ``keyblock`` has proved the block's MAC.
"""

from dataclasses import dataclass

HEADER_SIZE = 16
BLOCK_SIZE_MAX = 9_999  # four digits of length in the header
OPTIONAL_MAX = 99
CIPHER_BLOCK = {"A": 8, "B": 8, "C": 8, "D": 16}
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


def pad_size(header: Header, key_size: int) -> int:
    """Return how many random bytes ``seal`` needs so that the key's length is hidden."""
    block = CIPHER_BLOCK[header.version]
    hidden = max(key_size, _HIDDEN_SIZE.get(header.algorithm, 0))
    return -(-(2 + hidden) // block) * block - 2 - key_size


def header_text(header: Header, clear_size: int) -> bytes:
    """Return the header as it is written, its optional blocks filled up to a cipher block."""
    block = CIPHER_BLOCK[header.version]
    texts = [_option_text(option) for option in header.options]
    size = sum(map(len, texts))
    if size % block:
        # PB fills up to a whole cipher block (X9.143, 6.3); an empty one is not read everywhere.
        pad = block - (size + 4) % block
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
    return parse_header(cut(block)[1])


def cut(block: bytes) -> tuple[str, bytes, bytes, bytes]:
    """Return version, header, cipher text and MAC of a block that is whole in form."""
    if not HEADER_SIZE < len(block) <= BLOCK_SIZE_MAX:
        raise KeyBlockError("size")
    if not block.isascii():
        raise KeyBlockError("characters")
    text = block.decode("ascii")
    version = text[0]
    if version not in CIPHER_BLOCK:
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
    if len(tag) != mac_size or not sealed or len(sealed) % (CIPHER_BLOCK[version] * 2):
        raise KeyBlockError("length")
    return version, block[:end], bytes.fromhex(sealed), bytes.fromhex(tag)


def _walk(text: str) -> tuple[tuple[Option, ...], int]:
    if not text[12:14].isdigit():
        raise KeyBlockError("optional")
    at, options = HEADER_SIZE, []
    for _ in range(int(text[12:14])):
        start, size, skip = at, _hex(text[at + 2 : at + 4]), 4
        if size == 0:  # the extended form: how many pairs of digits the length has, then it
            digits = 2 * _hex(text[at + 4 : at + 6])
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
    return f"{option.kind}0002{size + 6:04X}{option.data}"
