"""Host commands as a client writes them, and their answers as values: no socket.

Written from the layouts alone, apart from the front that parses them, so that both are not wrong
together. Which parts of a request go to hardware is ``payshield``'s.
"""

from dataclasses import dataclass, field

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
TPK, ZPK, TMK, BDK = "002", "001", "002", "009"
# With a key block LMK the type is FFF and these say what the key is: X9.143 usage, algorithm and
# mode, version, exportability, number of optional blocks.
BLOCK_ATTRIBUTES: dict[str, str] = {
    "TMK": "K0T2E00N00",
    "TPK": "P0T2D00N00",
    "ZPK": "P0T2E00N00",
    "TAK": "M3T2C00N00",
    "ZAK": "M3T2C00N00",
}
TYPES: dict[str, str] = {"TMK": TMK, "TPK": TPK, "ZPK": ZPK, "TAK": TAK, "ZAK": ZAK}
KSN_SIZE = 10  # TDES; the counter is its last 21 bits
KSN_DESCRIPTOR = "605"  # digits of BDK id, sub-key id and device id behind the four of padding
MAC_DATA_MAX = 0xFFFF
SHORT_MAC = 4
_HEX = frozenset(b"0123456789ABCDEF")
PIN_FAULTS = frozenset({"20", "22", "24"})


class HostRefusedError(Exception):
    """The hardware answered with an error; ``code`` is its number."""

    def __init__(self, command: str, code: str) -> None:
        super().__init__(f"host command {command} ended with {code}")
        self.code = code


class HostCannotError(ValueError):
    """The hardware has no command for this; the text says what it cannot, and no value."""


@dataclass(frozen=True, slots=True)
class Device:
    """How a site's hardware writes: keys as variants (U) or key blocks (S), and under which LMK."""

    key_blocks: bool = False
    lmk_id: int | None = None

    @property
    def scheme(self) -> str:
        """The scheme that new keys are asked for in."""
        return "S" if self.key_blocks else "U"

    @property
    def suffix(self) -> bytes:
        """What ends a command: the LMK's number, where there are several."""
        return b"" if self.lmk_id is None else f"%{self.lmk_id:02d}".encode()


@dataclass(frozen=True, slots=True)
class HostPin:
    """A PIN block that shall move: its card number, and its format before and after."""

    block: bytes = field(repr=False)
    pan: str = field(repr=False)
    formats: tuple[int, int] = (0, 0)


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


def translate_pin(command: str, source: bytes, target: bytes, pin: HostPin) -> bytes:
    """CA from a TPK, CC from a ZPK, both to a ZPK; raises HostCannotError."""
    return command.encode() + source + target + b"12" + _pin_fields(pin)


def translate_dukpt(bdk: bytes, ksn: bytes, target: bytes, pin: HostPin) -> bytes:
    """G0: a PIN block from a TDES DUKPT key to a ZPK; raises HostCannotError."""
    if len(ksn) != KSN_SIZE:
        raise HostCannotError("the hardware derives TDES DUKPT keys alone")
    number = KSN_DESCRIPTOR + ksn.hex().upper()
    return b"G0" + bdk + target + number.encode() + _pin_fields(pin)


def translated_pin(command: str, answer: HostAnswer) -> bytes | None:
    """Return the new block; None for a faulty block; raises HostRefusedError."""
    if answer.code in PIN_FAULTS:
        return None
    if answer.code != "00":
        raise HostRefusedError(command, answer.code)
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
    """M8: verify a MAC of eight bytes, of sixteen hex characters, or its first four bytes.

    Nothing for what can be no MAC of this method: nobody needs to be asked.
    """
    shown = mac.upper() if len(mac) == 16 else mac.hex().upper().encode()  # noqa: PLR2004  (hex)
    short = method in (MacMethod.X9_9_SHORT, MacMethod.X9_19_SHORT)
    if not _is_mac(shown) or (short and shown[8:] != b"0" * 8):
        return b""
    return (
        b"M8" + _mac_fields(key, key_type, method, data, short=short) + shown[: 8 if short else 16]
    )


def _is_mac(shown: bytes) -> bool:
    return len(shown) == 16 and _HEX.issuperset(shown)  # noqa: PLR2004  (hex of eight bytes)


def checked_mac(answer: HostAnswer) -> bool:
    """Tell whether the MAC was right; raises HostRefusedError."""
    if answer.code not in ("00", "01"):
        raise HostRefusedError("M8", answer.code)
    return answer.code == "00"


def generate(device: Device, kind: str, tmk: bytes = b"") -> bytes:
    """A0: a new key, and where ``tmk`` is given also under it, in plain ECB."""
    mode = "1" if tmk else "0"
    under = b";1" + tmk + b"X" if tmk else b""
    return f"A0{mode}".encode() + _kind(device, kind) + under + _attributes(device, kind)


def import_under(device: Device, kind: str, zmk: bytes, wrapped: bytes) -> bytes:
    """A6: a key of 8, 16 or 24 bytes under a ZMK, in plain ECB; raises HostCannotError."""
    letter = {8: "", 16: "X", 24: "Y"}.get(len(wrapped))
    if letter is None:
        raise HostCannotError("a wrapped key is one to three blocks")
    head = "FFF" if device.key_blocks else TYPES[kind]
    key = f"{letter}{wrapped.hex().upper()}{device.scheme}".encode()
    return b"A6" + head.encode() + zmk + key + _attributes(device, kind)


def check_value(kind: str, key: bytes) -> bytes:
    """BU: sixteen hex characters of a key's check value."""
    if key[:1] == b"S":
        return b"BUFFF" + key
    flag = {b"U": b"1", b"X": b"1", b"T": b"2", b"Y": b"2"}.get(key[:1], b"0")
    return b"BU" + TYPES[kind][1:].encode() + flag + key


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
    if method not in MAC_CODES:
        raise HostCannotError(f"the hardware has no MAC {method.value}")
    if len(data) > MAC_DATA_MAX:
        raise HostCannotError("more data than one MAC command of the hardware takes")
    shown_type = "FFF" if key[:1] == b"S" else key_type
    head = f"00{0 if short else 1}{MAC_CODES[method]}{shown_type}"
    return head.encode() + key + f"{len(data):04X}".encode() + data


def _kind(device: Device, kind: str) -> bytes:
    return (("FFF" if device.key_blocks else TYPES[kind]) + device.scheme).encode()


def _attributes(device: Device, kind: str) -> bytes:
    """Return how a command about a new key ends: the LMK's number and what the key is."""
    if not device.key_blocks:
        return device.suffix
    return device.suffix + b"#" + BLOCK_ATTRIBUTES[kind].encode()


def _pin_fields(pin: HostPin) -> bytes:
    pan, formats = pin.pan, pin.formats
    if formats[0] not in FORMAT_CODES or formats[1] not in FORMAT_CODES:
        raise HostCannotError("the hardware moves PIN blocks of the formats 0, 1 and 3 alone")
    if not pan.isascii() or not pan.isdigit() or len(pan) < 13:  # noqa: PLR2004  (12, check digit)
        raise HostCannotError("a PIN block's card number has 13 digits and more")
    codes = FORMAT_CODES[formats[0]] + FORMAT_CODES[formats[1]]
    return f"{pin.block.hex().upper()}{codes}{pan[-13:-1]}".encode()
