"""The PIN commands of the host front: CA, CC and G0, and the reading of blocks for verification.

Formats move by the same table as everywhere (``policy.PinRules``). The other commands are in
``hostcommands``, verification in ``hostissuer``.
"""

from collections.abc import Callable

from pointsman.hsm import hostfields as h
from pointsman.hsm import hostkeys, pinblock
from pointsman.hsm.dukpt import Bdk, DukptKeys, Use, Working
from pointsman.hsm.hostfields import Fields, HostError
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.pinblock import PinBlockError, PinFormat, PinSide
from pointsman.hsm.policy import Operation, PinRules
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor

Command = Callable[[HostKeys, Fields], bytes]

FORMATS = {"01": PinFormat.ISO_0, "05": PinFormat.ISO_1, "47": PinFormat.ISO_3}
DIEBOLD = "03"
PIN_MAX = "12"


def pin_format(code: str) -> PinFormat:
    """Return a format that may come in or go out; raises HostError."""
    found = FORMATS.get(code)
    if found is None:
        raise HostError(h.PIN_FORMAT)
    return found


def account_pan(account: str) -> str:
    """Return a PAN whose twelve account digits are these; the check digit takes no part."""
    return account + "0"


def read_block(keys: HostKeys, code: str, key: bytes, block: str, account: str) -> str:
    """Return the PIN of a block: for verification, and where the format changes."""
    clear = decryptor(hostkeys.des(key), key)
    data = bytes.fromhex(block)
    if code == DIEBOLD and keys.legacy:
        pin = clear(data).hex().upper().rstrip("F")
        if not pinblock.digits_only(pin) or not 4 <= len(pin) <= 12:  # noqa: PLR2004  (ISO 9564-1)
            raise PinBlockError("digit")
        return pin
    kind = pin_format(code)
    return pinblock.read_pin(kind, pinblock.decipher(kind, data, account_pan(account), clear))


def _move(keys: HostKeys, source: bytes, target: bytes, fields: Fields) -> bytes:
    """Do what CA, CC and G0 share: block, formats, account; answer length, block, format."""
    block = fields.hexed(16)
    source_code, target_code = fields.digits(2), fields.digits(2)
    account = fields.digits(12)
    fields.end()
    pan = account_pan(account)
    kind = pin_format(target_code)
    encrypt = encryptor(hostkeys.des(target), target)
    if source_code == DIEBOLD:
        pin = read_block(keys, source_code, source, block, account)
        length = len(pin)
        nibbles = pinblock.fill_nibbles(kind, keys.random)
        made = pinblock.encipher(kind, pinblock.plain_field(kind, pin, nibbles), pan, encrypt)
    else:
        from_kind = pin_format(source_code)
        if not PinRules(laboratory=False, format_1_in=keys.format_1_in).allows(from_kind, kind):
            raise HostError(h.PIN_FORMAT)
        decrypt, data = decryptor(hostkeys.des(source), source), bytes.fromhex(block)
        length = pinblock.check_head(from_kind, pinblock.decipher(from_kind, data, pan, decrypt))
        sides = PinSide(from_kind, decrypt), PinSide(kind, encrypt)
        made = pinblock.translate(*sides, data, pan, keys.random)
    return f"{h.DONE}{length:02d}{made.hex().upper()}{target_code}".encode()


def translate(source_type: str) -> Command:
    """CA and CC: a PIN block from a terminal or zone key to a zone key."""

    def run(keys: HostKeys, fields: Fields) -> bytes:
        source = keys.open(source_type, fields.key(), Operation.PIN_IN, h.SOURCE_KEY)
        target = keys.open("001", fields.key(), Operation.PIN_OUT, h.TARGET_KEY)
        if fields.digits(2) != PIN_MAX:
            raise HostError(h.BAD_INPUT)
        return _move(keys, source, target, fields)

    return run


def translate_dukpt(keys: HostKeys, fields: Fields) -> bytes:
    """G0: a PIN block from a derived key to a zone key."""
    bdk = keys.open("009", fields.pair(), Operation.DERIVE, h.SOURCE_KEY)
    target = keys.open("001", fields.key(), Operation.PIN_OUT, h.TARGET_KEY)
    fields.hexed(3)  # the descriptor: with a 21-bit counter it says nothing more
    ksn = bytes.fromhex(fields.hexed(fields.left_before_end - 32).rjust(20, "F"))
    _, source = DukptKeys(nodes_max=1).working_key(
        Bdk(Algorithm.TDES, bdk, b""), ksn, Use.PIN, Working.TDES2
    )
    return _move(keys, source, target, fields)
