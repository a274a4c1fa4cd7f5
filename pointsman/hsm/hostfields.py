"""Reads the fields of a host command from left to right, and says by number what is wrong.

Layouts are in ``hostcommands`` and ``hostkeys``; the 2-byte length and the header of a message are
the shells' (``payshield``). Error numbers are those that payShield-style hosts know.
"""

from pointsman.hsm.lmkvariant import SIZES, KeyField

MESSAGE_SIZE_MAX = 32_768
_HEX = frozenset(b"0123456789ABCDEFabcdef")
_DIGITS = frozenset(b"0123456789")

DONE = "00"
NOT_RIGHT = "01"
SOURCE_KEY, TARGET_KEY = "10", "11"
NO_LMK = "13"
BAD_INPUT = "15"
NOT_PERMITTED = "17"
PIN_BLOCK = "20"
PIN_FORMAT = "23"
SCHEME = "26"
KEY_LENGTH = "27"
KEY_TYPE = "28"
INTERNAL = "41"
DISABLED = "68"
DATA_LENGTH = "80"
KEY_BLOCK = "A4"


class HostError(Exception):
    """A command that ends with an error number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Fields:
    """A command's data, consumed field by field; raises HostError 15 where a field does not fit."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes are not read yet."""
        return len(self._data) - self._at

    def raw(self, size: int) -> bytes:
        """Return so many bytes."""
        if size < 0 or size > self.left:
            raise HostError(BAD_INPUT)
        self._at += size
        return self._data[self._at - size : self._at]

    def text(self, size: int) -> str:
        """Return so many printable ASCII characters."""
        data = self.raw(size)
        if not data.isascii() or not data.decode("ascii").isprintable():
            raise HostError(BAD_INPUT)
        return data.decode("ascii")

    def digits(self, size: int) -> str:
        """Return so many decimal digits."""
        data = self.raw(size)
        if not _DIGITS.issuperset(data):
            raise HostError(BAD_INPUT)
        return data.decode("ascii")

    def hexed(self, size: int) -> str:
        """Return so many hex characters, upper case."""
        data = self.raw(size)
        if not _HEX.issuperset(data):
            raise HostError(BAD_INPUT)
        return data.decode("ascii").upper()

    def until(self, mark: str, size_max: int) -> str:
        """Return digits up to a mark, which is consumed."""
        end = self._data.find(mark.encode(), self._at, self._at + size_max + 1)
        if end < 0:
            raise HostError(BAD_INPUT)
        found = self.digits(end - self._at)
        self._at += 1
        return found

    def skip(self, mark: str) -> bool:
        """Consume a mark if it stands next."""
        if self._data[self._at : self._at + 1] == mark.encode():
            self._at += 1
            return True
        return False

    def key(self) -> KeyField:
        """Return a key field: its first character says how it goes on."""
        first = self._data[self._at : self._at + 1].decode("latin-1")
        if first in ("S", "R"):
            length = self._data[self._at + 2 : self._at + 6]
            if len(length) != 4 or not _DIGITS.issuperset(length):  # noqa: PLR2004  (a block's own)
                raise HostError(BAD_INPUT)
            self._at += 1
            return KeyField(first, self.text(int(length)))
        if first in SIZES:
            self._at += 1
            return KeyField(first, self.hexed(SIZES[first] * 2))
        return KeyField("Z", self.hexed(16))

    def pair(self) -> KeyField:
        """Return a key that is always a pair: older hosts write it without a scheme's letter."""
        first = self._data[self._at : self._at + 1].decode("latin-1")
        if first in SIZES or first in ("S", "R"):
            return self.key()
        return KeyField("X", self.hexed(SIZES["X"] * 2))

    @property
    def left_before_end(self) -> int:
        """How many bytes stand before an LMK id or a trailer: for commands of text alone."""
        rest = self._data[self._at :]
        return len(rest.partition(b"\x19")[0].partition(b"%")[0])

    def end(self) -> None:
        """Take an optional LMK id and trailer; anything else left over is wrong input."""
        if self.skip("%"):
            self.digits(2)
        if self.left and self._data[self._at] != 0x19:  # noqa: PLR2004  (the trailer's mark)
            raise HostError(BAD_INPUT)
        if self.left > 33:  # noqa: PLR2004  (mark and 32 characters)
            raise HostError(BAD_INPUT)


def response_code(command: str) -> str:
    """Return the answer's code: the second character plus one."""
    return command[0] + chr(ord(command[1]) + 1)


def right_or_wrong(right: bool) -> bytes:
    """Return error number 00 or 01."""
    return (DONE if right else NOT_RIGHT).encode()
