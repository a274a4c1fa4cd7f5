"""The issuer's commands of the host front: PIN by offset or PVV, card values, cryptograms.

Off by default; for tests and on-us checks. The algorithms are in ``cardvalues`` and ``emv``.
"""

from pointsman.hsm import cardvalues, emv
from pointsman.hsm import hostfields as h
from pointsman.hsm.hostfields import Fields, HostError
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.hostpins import PIN_MAX, Command, account_pan, read_block
from pointsman.hsm.policy import Operation
from pointsman.hsm.primitives import same


def verify_ibm(pin_type: str) -> Command:
    """DA and EA: verify a PIN by its IBM 3624 offset."""

    def run(keys: HostKeys, fields: Fields) -> bytes:
        source = keys.open(pin_type, fields.key(), Operation.PIN_IN, h.SOURCE_KEY)
        pvk = keys.open("002", fields.key(), Operation.PIN_OFFSET, h.TARGET_KEY)
        if fields.digits(2) != PIN_MAX:
            raise HostError(h.BAD_INPUT)
        block, code = fields.hexed(16), fields.digits(2)
        check_length, account = int(fields.digits(2)), fields.digits(12)
        table, validation, offset = fields.digits(16), fields.text(12), fields.hexed(12)
        fields.end()
        pin = read_block(keys, code, source, block, account)
        if not 4 <= check_length <= len(pin):  # noqa: PLR2004  (at least four digits)
            raise HostError(h.NOT_RIGHT)
        data = cardvalues.validation_data(validation, account)
        natural = cardvalues.natural_pin(pvk, table, data)
        made = cardvalues.ibm_offset(natural, pin, check_length)
        return h.right_or_wrong(same(made.encode(), offset[:check_length].encode()))

    return run


def verify_pvv(pin_type: str) -> Command:
    """DC and EC: verify a PIN by its PVV."""

    def run(keys: HostKeys, fields: Fields) -> bytes:
        source = keys.open(pin_type, fields.key(), Operation.PIN_IN, h.SOURCE_KEY)
        pvk = keys.open("002", fields.pair(), Operation.PIN_VALUE, h.TARGET_KEY)
        if len(pvk) != 16:  # noqa: PLR2004  (double length)
            raise HostError(h.KEY_LENGTH)
        block, code, account = fields.hexed(16), fields.digits(2), fields.digits(12)
        pvki, pvv = fields.digits(1), fields.digits(4)
        fields.end()
        pin = read_block(keys, code, source, block, account)
        made = cardvalues.pvv(pvk, account_pan(account), pvki, pin)
        return h.right_or_wrong(same(made.encode(), pvv.encode()))

    return run


def _card_data(fields: Fields) -> tuple[str, str, str]:
    pan = fields.until(";", 19)
    expiry, service = fields.digits(4), fields.digits(3)
    fields.end()
    return pan, expiry, service


def make_cvv(keys: HostKeys, fields: Fields) -> bytes:
    """CW: make a card value."""
    cvk = keys.open("402", fields.pair(), Operation.CARD_VALUE, h.SOURCE_KEY)
    return (h.DONE + cardvalues.cvv(cvk, *_card_data(fields))).encode()


def verify_cvv(keys: HostKeys, fields: Fields) -> bytes:
    """CY: verify a card value."""
    cvk = keys.open("402", fields.pair(), Operation.CARD_VALUE, h.SOURCE_KEY)
    told = fields.digits(3)
    return h.right_or_wrong(same(cardvalues.cvv(cvk, *_card_data(fields)).encode(), told.encode()))


def cryptogram(keys: HostKeys, fields: Fields) -> bytes:
    """KQ: verify an ARQC, make the ARPC, or both."""
    mode, scheme = fields.digits(1), fields.digits(1)
    if mode not in "012" or scheme not in "01":
        raise HostError("03" if mode not in "012" else "04")
    master = keys.open("109", fields.key(), Operation.CRYPTOGRAM, h.SOURCE_KEY)
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
