"""An optional front of our HSM that speaks payShield-style host commands: bytes in, bytes out.

PIN, MAC, card value and EMV commands are here, key commands in ``hostkeys``, the socket in
``payshield_front``. Keys are our own blocks (scheme S) under the usage policy; variant keys are
taken only where a variant LMK is given, and old formats only under ``legacy``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pointsman.hsm import cardvalues, emv, hostkeys, pinblock
from pointsman.hsm import hostfields as h
from pointsman.hsm.dukpt import Bdk, DukptKeys, Working
from pointsman.hsm.faults import FaultLimit
from pointsman.hsm.hostfields import Fields, HostError
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.mac import iso9797
from pointsman.hsm.pinblock import PinBlockError, PinFormat, PinSide
from pointsman.hsm.policy import Operation, PinRules
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor, same

FORMATS = {"01": PinFormat.ISO_0, "05": PinFormat.ISO_1, "47": PinFormat.ISO_3}
DIEBOLD = "03"
FIRMWARE = "0007-E000"
PIN_MAX = "12"
SWITCH_COMMANDS = frozenset({"NC", "NO", "B2", "CA", "CC", "G0", "M6", "M8", "BU"})
ISSUER_COMMANDS = frozenset({"CW", "CY", "DA", "EA", "DC", "EC", "KQ"})
KEY_COMMANDS = frozenset({"A0", "A6", "A8", "FA", "HC"})


@dataclass(frozen=True, slots=True)
class Front:
    """What one connection may ask; an empty ``allowed`` answers 68 to everything."""

    keys: HostKeys
    allowed: frozenset[str]
    legacy: bool = False
    format_1_in: bool = False
    faults: FaultLimit | None = None
    clock: Callable[[], int] = lambda: 0

    def answer(self, message: bytes) -> bytes:
        """Return the answer to a command, from its code on; never raises."""
        code = message[:2].decode("latin-1")
        if len(code) != 2 or not code.isascii() or not code.isalnum():  # noqa: PLR2004
            return b"ZZ" + h.BAD_INPUT.encode()
        head = h.response_code(code).encode()
        run = COMMANDS.get(code)
        if run is None or code not in self.allowed:
            return head + h.DISABLED.encode()
        who = message[2:36]  # the first key's field
        if self.faults and self.faults.is_closed(who, self.clock()):
            return head + h.NOT_PERMITTED.encode()
        try:
            return head + run(self, Fields(message[2:]))
        except HostError as error:
            return head + error.code.encode()
        except PinBlockError:
            if self.faults:
                self.faults.add(who, self.clock())
            return head + h.PIN_BLOCK.encode()
        except (ValueError, KeyError, OverflowError):
            return head + h.BAD_INPUT.encode()

    def pin_format(self, code: str) -> PinFormat:
        """Return a format that may come in or go out."""
        found = FORMATS.get(code)
        if found is None:
            raise HostError(h.PIN_FORMAT)
        return found


def _diagnostics(front: Front, fields: Fields) -> bytes:
    fields.end()
    return f"{h.DONE}{front.keys.lmk_kcv:0<16}{FIRMWARE}".encode()


def _status(_: Front, fields: Fields) -> bytes:
    if fields.digits(2) != "00":
        raise HostError(h.BAD_INPUT)
    fields.end()
    return f"{h.DONE}1164{FIRMWARE}00000".encode()


def _echo(_: Front, fields: Fields) -> bytes:
    size = int(fields.hexed(4), 16)
    if fields.left < size:
        raise HostError(h.DATA_LENGTH)
    data = fields.raw(size)
    fields.end()
    return h.DONE.encode() + data


def _account_pan(account: str) -> str:
    return account + "0"  # the check digit takes no part in any block


def _read_block(front: Front, code: str, key: bytes, block: str, account: str) -> str:
    """Return the PIN of a block: for verification, and where the format changes."""
    clear = decryptor(hostkeys.des(key), key)
    data = bytes.fromhex(block)
    if code == DIEBOLD and front.legacy:
        pin = clear(data).hex().upper().rstrip("F")
        if not pinblock.digits_only(pin) or not 4 <= len(pin) <= 12:  # noqa: PLR2004  (ISO 9564-1)
            raise PinBlockError("digit")
        return pin
    kind = front.pin_format(code)
    return pinblock.read_pin(kind, pinblock.decipher(kind, data, _account_pan(account), clear))


def _move(front: Front, source: bytes, target: bytes, fields: Fields) -> bytes:
    """Do what CA, CC and G0 share: block, formats, account; answer length, block, format."""
    block = fields.hexed(16)
    source_code, target_code = fields.digits(2), fields.digits(2)
    account = fields.digits(12)
    fields.end()
    pan = _account_pan(account)
    kind = front.pin_format(target_code)
    encrypt = encryptor(hostkeys.des(target), target)
    if source_code == DIEBOLD:
        pin = _read_block(front, source_code, source, block, account)
        length = len(pin)
        nibbles = pinblock.fill_nibbles(kind, front.keys.random)
        made = pinblock.encipher(kind, pinblock.plain_field(kind, pin, nibbles), pan, encrypt)
    else:
        from_kind = front.pin_format(source_code)
        if not PinRules(laboratory=False, format_1_in=front.format_1_in).allows(from_kind, kind):
            raise HostError(h.PIN_FORMAT)
        decrypt, data = decryptor(hostkeys.des(source), source), bytes.fromhex(block)
        length = pinblock.check_head(from_kind, pinblock.decipher(from_kind, data, pan, decrypt))
        sides = PinSide(from_kind, decrypt), PinSide(kind, encrypt)
        made = pinblock.translate(*sides, data, pan, front.keys.random)
    return f"{h.DONE}{length:02d}{made.hex().upper()}{target_code}".encode()


def _translate(source_type: str) -> "Command":
    def run(front: Front, fields: Fields) -> bytes:
        source = front.keys.open(source_type, fields.key(), Operation.PIN_IN, h.SOURCE_KEY)
        target = front.keys.open("001", fields.key(), Operation.PIN_OUT, h.TARGET_KEY)
        if fields.digits(2) != PIN_MAX:
            raise HostError(h.BAD_INPUT)
        return _move(front, source, target, fields)

    return run


def _translate_dukpt(front: Front, fields: Fields) -> bytes:
    bdk = front.keys.open("009", fields.key(), Operation.DERIVE, h.SOURCE_KEY)
    target = front.keys.open("001", fields.key(), Operation.PIN_OUT, h.TARGET_KEY)
    fields.hexed(3)  # the descriptor: with a 21-bit counter it says nothing more
    ksn = bytes.fromhex(fields.hexed(fields.left - 32).rjust(20, "F"))
    keys = DukptKeys(nodes_max=1)
    _, source = keys.working_key(
        Bdk(Algorithm.TDES, bdk, b""), ksn, hostkeys.PIN_USE, Working.TDES2
    )
    return _move(front, source, target, fields)


def _verify_ibm(pin_type: str) -> "Command":
    def run(front: Front, fields: Fields) -> bytes:
        source = front.keys.open(pin_type, fields.key(), Operation.PIN_IN, h.SOURCE_KEY)
        pvk = front.keys.open("002", fields.key(), Operation.PIN_OFFSET, h.TARGET_KEY)
        if fields.digits(2) != PIN_MAX:
            raise HostError(h.BAD_INPUT)
        block, code = fields.hexed(16), fields.digits(2)
        check_length, account = int(fields.digits(2)), fields.digits(12)
        table, validation, offset = fields.digits(16), fields.text(12), fields.hexed(12)
        fields.end()
        pin = _read_block(front, code, source, block, account)
        if not 4 <= check_length <= len(pin):  # noqa: PLR2004  (at least four digits)
            raise HostError(h.NOT_RIGHT)
        data = cardvalues.validation_data(validation, account)
        natural = cardvalues.natural_pin(pvk, table, data)
        made = cardvalues.ibm_offset(natural, pin, check_length)
        return _right(same(made.encode(), offset[:check_length].encode()))

    return run


def _verify_pvv(pin_type: str) -> "Command":
    def run(front: Front, fields: Fields) -> bytes:
        source = front.keys.open(pin_type, fields.key(), Operation.PIN_IN, h.SOURCE_KEY)
        pvk = front.keys.open("002", fields.key(), Operation.PIN_VALUE, h.TARGET_KEY)
        if len(pvk) != 16:  # noqa: PLR2004  (double length)
            raise HostError(h.KEY_LENGTH)
        block, code, account = fields.hexed(16), fields.digits(2), fields.digits(12)
        pvki, pvv = fields.digits(1), fields.digits(4)
        fields.end()
        pin = _read_block(front, code, source, block, account)
        made = cardvalues.pvv(pvk, _account_pan(account), pvki, pin)
        return _right(same(made.encode(), pvv.encode()))

    return run


def _card_data(fields: Fields) -> tuple[str, str, str]:
    pan = fields.until(";", 19)
    expiry, service = fields.digits(4), fields.digits(3)
    fields.end()
    return pan, expiry, service


def _make_cvv(front: Front, fields: Fields) -> bytes:
    cvk = front.keys.open("402", fields.key(), Operation.CARD_VALUE, h.SOURCE_KEY)
    return (h.DONE + cardvalues.cvv(cvk, *_card_data(fields))).encode()


def _verify_cvv(front: Front, fields: Fields) -> bytes:
    cvk = front.keys.open("402", fields.key(), Operation.CARD_VALUE, h.SOURCE_KEY)
    told = fields.digits(3)
    return _right(same(cardvalues.cvv(cvk, *_card_data(fields)).encode(), told.encode()))


def _mac(front: Front, fields: Fields) -> tuple[bytes, int]:
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
    key = front.keys.open(key_type, fields.key(), operation, h.SOURCE_KEY)
    length = int(fields.hexed(4), 16)
    if fields.left < length:
        raise HostError(h.DATA_LENGTH)
    data = bytes.fromhex(fields.hexed(length)) if form == "1" else fields.raw(length)
    if number == 3:  # noqa: PLR2004  (the retail MAC)
        mac = iso9797(3, Algorithm.DES, key[:8], data, padding=padding, second_key=key[-8:])
    else:
        mac = iso9797(1, hostkeys.des(key), key, data, padding=padding)
    return mac, 8 if size == "0" else 16


def _make_mac(front: Front, fields: Fields) -> bytes:
    mac, shown = _mac(front, fields)
    fields.end()
    return (h.DONE + mac.hex().upper()[:shown]).encode()


def _verify_mac(front: Front, fields: Fields) -> bytes:
    mac, shown = _mac(front, fields)
    told = fields.hexed(shown)
    fields.end()
    return _right(same(mac.hex().upper()[:shown].encode(), told.encode()))


def _cryptogram(front: Front, fields: Fields) -> bytes:
    mode, scheme = fields.digits(1), fields.digits(1)
    if mode not in "012" or scheme not in "01":
        raise HostError("03" if mode not in "012" else "04")
    master = front.keys.open("109", fields.key(), Operation.CRYPTOGRAM, h.SOURCE_KEY)
    card = _card_by_field(master, fields.raw(8))
    atc, unpredictable = fields.raw(2), fields.raw(4)
    key = emv.mchip_session_key(card, atc, unpredictable) if scheme == "1" else card
    data = b""
    if mode != "2":
        data = fields.raw(int(fields.hexed(2), 16))
        if not fields.skip(";"):
            raise HostError(h.BAD_INPUT)
    arqc = fields.raw(8)
    arc = fields.raw(2) if mode != "0" else b""
    fields.end()
    if mode != "2" and not same(emv.cryptogram(key, data, padded_80=False), arqc):
        return h.NOT_RIGHT.encode()
    return h.DONE.encode() + (emv.arpc_1(card, arqc, arc) if mode != "0" else b"")


def _card_by_field(master: bytes, field: bytes) -> bytes:
    digits = field.hex()
    return emv.card_key(master, digits[:-2], digits[-2:])


def _right(right: bool) -> bytes:
    return (h.DONE if right else h.NOT_RIGHT).encode()


Command = Callable[[Front, Fields], bytes]

COMMANDS: dict[str, Command] = {
    "NC": _diagnostics,
    "NO": _status,
    "B2": _echo,
    "CA": _translate("002"),
    "CC": _translate("001"),
    "G0": _translate_dukpt,
    "DA": _verify_ibm("002"),
    "EA": _verify_ibm("001"),
    "DC": _verify_pvv("002"),
    "EC": _verify_pvv("001"),
    "CW": _make_cvv,
    "CY": _verify_cvv,
    "M6": _make_mac,
    "M8": _verify_mac,
    "KQ": _cryptogram,
    "BU": lambda front, fields: hostkeys.check_value_of(front.keys, fields),
    "A0": lambda front, fields: hostkeys.generate(front.keys, fields),
    "A6": lambda front, fields: hostkeys.import_key(front.keys, fields),
    "A8": lambda front, fields: hostkeys.export_key(front.keys, fields),
    "FA": lambda front, fields: hostkeys.import_zpk(front.keys, fields),
    "HC": lambda front, fields: hostkeys.new_terminal_key(front.keys, fields),
}
