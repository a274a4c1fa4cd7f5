"""An optional front of our HSM that speaks payShield-style host commands: bytes in, bytes out.

PIN, MAC, card value and EMV commands are here, key commands in ``hostkeys``, the socket in
``payshield_front``. Keys are our own blocks (scheme S) under the usage policy; variant keys are
taken only where a variant LMK is given, and old formats only under ``legacy``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pointsman.hsm import hostfields as h
from pointsman.hsm import hostissuer, hostkeys, hostpins
from pointsman.hsm.faults import FaultLimit
from pointsman.hsm.hostfields import Fields, HostError
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.hostpins import Command
from pointsman.hsm.mac import iso9797
from pointsman.hsm.pinblock import PinBlockError
from pointsman.hsm.policy import Operation
from pointsman.hsm.primitives import Algorithm, same

FIRMWARE = "0007-E000"
SWITCH_COMMANDS = frozenset({"NC", "NO", "B2", "CA", "CC", "G0", "M6", "M8", "BU"})
ISSUER_COMMANDS = frozenset({"CW", "CY", "DA", "EA", "DC", "EC", "KQ"})
PIN_COMMANDS = frozenset({"CA", "CC", "G0", "DA", "EA", "DC", "EC"})
KEY_COMMANDS = frozenset({"A0", "A6", "A8", "FA", "HC"})


@dataclass(frozen=True, slots=True)
class Front:
    """What one connection may ask; an empty ``allowed`` answers 68 to everything."""

    keys: HostKeys
    allowed: frozenset[str]
    faults: FaultLimit | None = None
    clock: Callable[[], int] = lambda: 0
    alarm: Callable[[], None] = lambda: None  # a key has used up its faults

    def answer(self, message: bytes) -> bytes:
        """Return the answer to a command, from its code on; never raises."""
        code = message[:2].decode("latin-1")
        if len(code) != 2 or not code.isascii() or not code.isalnum():  # noqa: PLR2004
            return b"ZZ" + h.BAD_INPUT.encode()
        head = h.response_code(code).encode()
        run = COMMANDS.get(code)
        if run is None or code not in self.allowed:
            return head + h.DISABLED.encode()
        who = _first_key(message) if self.faults and code in PIN_COMMANDS else b""
        if self.faults and who and self.faults.is_closed(who, self.clock()):
            return head + h.NOT_PERMITTED.encode()
        try:
            return head + run(self.keys, Fields(message[2:]))
        except HostError as error:
            return head + error.code.encode()
        except PinBlockError:
            if self.faults and self.faults.add(who, self.clock()):
                self.alarm()
            return head + h.PIN_BLOCK.encode()
        except (ValueError, KeyError, OverflowError):
            return head + h.BAD_INPUT.encode()


def _first_key(message: bytes) -> bytes:
    """Return what a PIN command's first key is remembered by; nothing where it is no key."""
    try:
        return FaultLimit.who(Fields(message[2:]).key().text.encode())
    except HostError:
        return b""


def _diagnostics(keys: HostKeys, fields: Fields) -> bytes:
    fields.end()
    return f"{h.DONE}{keys.lmk_kcv:0<16}{FIRMWARE}".encode()


def _status(_: HostKeys, fields: Fields) -> bytes:
    mode = fields.digits(2)
    fields.end()
    match mode:
        case "00":
            return f"{h.DONE}1164{FIRMWARE}00000".encode()
        case "01":  # whether its settings are those that PCI HSM asks for
            return f"{h.DONE}0".encode()
        case _:
            raise HostError(h.BAD_INPUT)


def _echo(_: HostKeys, fields: Fields) -> bytes:
    size = int(fields.hexed(4), 16)
    if fields.left < size:
        raise HostError(h.DATA_LENGTH)
    data = fields.raw(size)
    fields.end()
    return h.DONE.encode() + data


def _mac(keys: HostKeys, fields: Fields) -> tuple[bytes, int]:
    """Compute the MAC of M6 and M8: the whole of it, and how many hex characters are shown."""
    if fields.digits(1) != "0":
        # Chaining values would be an oracle: messages come in one block.
        raise HostError("02")
    form, size, number = fields.digits(1), fields.digits(1), int(fields.digits(1))
    padding, key_type = int(fields.digits(1)), fields.hexed(3)
    if form not in "012" or size not in "01":
        raise HostError("03" if form not in "012" else "06")
    if number not in (1, 3) or padding > 2:  # noqa: PLR2004  (method 2 is the last one there)
        raise HostError("04" if number not in (1, 3) else "09")
    if key_type not in ("003", "008", "FFF"):
        raise HostError("05")
    operation = Operation.MAC_RETAIL if number == 3 else Operation.MAC_CBC  # noqa: PLR2004
    key = keys.open(key_type, fields.key(), operation, h.SOURCE_KEY)
    length = int(fields.hexed(4), 16)
    if fields.left < length:
        raise HostError(h.DATA_LENGTH)
    data = bytes.fromhex(fields.hexed(length)) if form == "1" else fields.raw(length)
    if number == 3:  # noqa: PLR2004  (the retail MAC)
        mac = iso9797(3, Algorithm.DES, key[:8], data, padding=padding, second_key=key[-8:])
    else:
        mac = iso9797(1, hostkeys.des(key), key, data, padding=padding)
    return mac, 8 if size == "0" else 16


def _make_mac(keys: HostKeys, fields: Fields) -> bytes:
    mac, shown = _mac(keys, fields)
    fields.end()
    return (h.DONE + mac.hex().upper()[:shown]).encode()


def _verify_mac(keys: HostKeys, fields: Fields) -> bytes:
    mac, shown = _mac(keys, fields)
    told = fields.hexed(shown)
    fields.end()
    return h.right_or_wrong(same(mac.hex().upper()[:shown].encode(), told.encode()))


COMMANDS: dict[str, Command] = {
    "NC": _diagnostics,
    "NO": _status,
    "B2": _echo,
    "CA": hostpins.translate("002"),
    "CC": hostpins.translate("001"),
    "G0": hostpins.translate_dukpt,
    "DA": hostissuer.verify_ibm("002"),
    "EA": hostissuer.verify_ibm("001"),
    "DC": hostissuer.verify_pvv("002"),
    "EC": hostissuer.verify_pvv("001"),
    "CW": hostissuer.make_cvv,
    "CY": hostissuer.verify_cvv,
    "M6": _make_mac,
    "M8": _verify_mac,
    "KQ": hostissuer.cryptogram,
    "BU": hostkeys.check_value_of,
    "A0": hostkeys.generate,
    "A6": hostkeys.import_key,
    "A8": hostkeys.export_key,
    "FA": hostkeys.import_zpk,
    "HC": hostkeys.new_terminal_key,
}
