"""Host commands as a client writes them, and their answers as values: no socket.

Written from the layouts alone, apart from the front that parses them, so that both are not wrong
together. Which parts of a request go to hardware is ``payshield``'s.
"""

from dataclasses import dataclass

from pointsman.hsm.commands import MacMethod
from pointsman.hsm.pinblock import PinFormat

FORMAT_CODES: dict[int, str] = {
    PinFormat.ISO_0: "01",
    PinFormat.ISO_1: "05",
    PinFormat.ISO_3: "47",
}
# Algorithm and padding of ISO 9797-1 for the methods that hardware knows.
MAC_CODES: dict[MacMethod, str] = {
    MacMethod.X9_9: "11",
    MacMethod.X9_9_SHORT: "11",
    MacMethod.X9_19: "31",
    MacMethod.X9_19_SHORT: "31",
}
TAK, ZAK = "003", "008"
MAC_DATA_MAX = 0xFFFF
SHORT_MAC = 4
PIN_FAULTS = frozenset({"20", "22", "24"})


class HostRefusedError(Exception):
    """The hardware answered with an error; ``code`` is its number."""

    def __init__(self, command: str, code: str) -> None:
        super().__init__(f"host command {command} ended with {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """What follows the response code: the error number and the data."""

    code: str
    data: bytes


def read_answer(command: str, message: bytes) -> HostAnswer:
    """Split an answer; raises ValueError when it belongs to another command."""
    expected = command[0] + chr(ord(command[1]) + 1)
    if message[:2] != expected.encode() or len(message) < 4 or not message[2:4].isalnum():  # noqa: PLR2004
        raise ValueError("an answer to another command")
    return HostAnswer(message[2:4].decode("latin-1"), message[4:])


def translate_pin(
    source: bytes, target: bytes, block: bytes, pan: str, formats: tuple[int, int]
) -> bytes:
    """CA: a PIN block from a TPK to a ZPK; raises ValueError for what CA cannot say."""
    try:
        codes = FORMAT_CODES[formats[0]] + FORMAT_CODES[formats[1]]
    except KeyError:
        raise ValueError("a PIN format that CA does not know") from None
    if not pan.isascii() or not pan.isdigit() or len(pan) < 13:  # noqa: PLR2004  (12 and check digit)
        raise ValueError("PAN")
    text = f"12{block.hex().upper()}{codes}{pan[-13:-1]}"
    return b"CA" + source + target + text.encode()


def translated_pin(answer: HostAnswer) -> bytes | None:
    """Return the new block; None for a faulty block; raises HostRefusedError."""
    if answer.code in PIN_FAULTS:
        return None
    if answer.code != "00":
        raise HostRefusedError("CA", answer.code)
    return bytes.fromhex(answer.data[2:18].decode("ascii"))


def make_mac(key: bytes, key_type: str, method: MacMethod, data: bytes) -> bytes:
    """M6: the whole MAC over binary data in one block."""
    return b"M6" + _mac_fields(key, key_type, method, data)


def made_mac(method: MacMethod, answer: HostAnswer) -> bytes:
    """Return eight bytes as on the wire; raises HostRefusedError."""
    if answer.code != "00":
        raise HostRefusedError("M6", answer.code)
    full = bytes.fromhex(answer.data[:16].decode("ascii"))
    if method in (MacMethod.X9_9_SHORT, MacMethod.X9_19_SHORT):
        return full[:SHORT_MAC] + bytes(8 - SHORT_MAC)
    return full


def check_mac(key: bytes, key_type: str, method: MacMethod, data: bytes, mac: bytes) -> bytes:
    """M8: verify a MAC of eight bytes, of sixteen hex characters, or its first four bytes."""
    shown = mac if len(mac) == 16 else mac.hex().upper().encode()  # noqa: PLR2004  (hex characters)
    short = method in (MacMethod.X9_9_SHORT, MacMethod.X9_19_SHORT)
    if len(shown) != 16 or (short and shown[8:] != b"0" * 8):  # noqa: PLR2004
        raise ValueError("MAC")
    return (
        b"M8" + _mac_fields(key, key_type, method, data, short=short) + shown[: 8 if short else 16]
    )


def checked_mac(answer: HostAnswer) -> bool:
    """Tell whether the MAC was right; raises HostRefusedError."""
    if answer.code not in ("00", "01"):
        raise HostRefusedError("M8", answer.code)
    return answer.code == "00"


def generate(key_type: str, scheme: str, under: tuple[str, bytes, str] | None = None) -> bytes:
    """A0: a new key; ``under`` is ("0" ZMK or "1" TMK, that key, scheme) for mode 1."""
    if under is None:
        return f"A00{key_type}{scheme}".encode()
    flag, key, wrapped = under
    return f"A01{key_type}{scheme};{flag}".encode() + key + wrapped.encode()


def import_under(key_type: str, zmk: bytes, wrapped: bytes, scheme: str) -> bytes:
    """A6: a key of 8, 16 or 24 bytes under a ZMK, in plain ECB."""
    letter = {8: "", 16: "X", 24: "Y"}[len(wrapped)]
    return f"A6{key_type}".encode() + zmk + f"{letter}{wrapped.hex().upper()}{scheme}".encode()


def check_value(key_type: str, key: bytes) -> bytes:
    """BU: sixteen hex characters of a key's check value."""
    flag = {b"U": b"1", b"X": b"1", b"T": b"2", b"Y": b"2", b"S": b"F"}.get(key[:1], b"0")
    return b"BU" + key_type[1:].encode() + flag + key


def key_length(text: bytes) -> int:
    """Return how many characters a key field at the start of ``text`` takes."""
    first = text[:1]
    if first in (b"U", b"X"):
        return 33
    if first in (b"T", b"Y"):
        return 49
    if first in (b"S", b"R"):
        return 1 + int(text[2:6])
    return 16


def _mac_fields(
    key: bytes, key_type: str, method: MacMethod, data: bytes, *, short: bool = False
) -> bytes:
    if method not in MAC_CODES or len(data) > MAC_DATA_MAX:
        raise ValueError("a MAC that hardware does not know")
    shown_type = "FFF" if key[:1] == b"S" else key_type
    head = f"00{0 if short else 1}{MAC_CODES[method]}{shown_type}"
    return head.encode() + key + f"{len(data):04X}".encode() + data
