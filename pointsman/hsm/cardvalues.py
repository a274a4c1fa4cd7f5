"""Card values: CVV and its kin, PVV, and the IBM 3624 offset, by clear keys.

Issuer work: in the HSM only the simulators' role reaches it, through ``issuer``. Digits in, digits
out; PIN blocks are ``pinblock``'s, cryptograms ``emv``'s.
"""

from pointsman.hsm.primitives import Algorithm, encryptor

CVV_SIZE = 3
PVV_SIZE = 4
PIN_SIZE_MAX = 16


def cvv(cvk: bytes, pan: str, expiry: str, service_code: str) -> str:
    """Return CVV (service code of the card), CVV2 (000) or iCVV (999): three digits.

    ``expiry`` is four digits in the order the issuer uses; ``cvk`` is 16 bytes.
    """
    data = bytes.fromhex(_digits(pan + expiry + service_code).ljust(32, "0"))
    left, whole = encryptor(Algorithm.DES, cvk[:8]), encryptor(Algorithm.TDES, cvk)
    first = int.from_bytes(left(data[:8])) ^ int.from_bytes(data[8:])
    return _decimals(whole(first.to_bytes(8)))[:CVV_SIZE]


def pvv(pvk: bytes, pan: str, pvki: str, pin: str) -> str:
    """Return the PIN verification value: four digits, over the first four of the PIN."""
    return _decimals(encryptor(Algorithm.TDES, pvk)(bytes.fromhex(transformed(pan, pvki, pin))))[
        :PVV_SIZE
    ]


def transformed(pan: str, pvki: str, pin: str) -> str:
    """Return the transformed security parameter: 11 digits left of the check digit, PVKI, PIN."""
    text = _digits(pan)[-12:-1] + _digits(pvki) + _digits(pin)[:4]
    if len(text) != 16:  # noqa: PLR2004  (one block of DES)
        raise ValueError("PVV needs 12 PAN digits, one PVKI digit and four PIN digits")
    return text


def natural_pin(pvk: bytes, table: str, validation: bytes) -> str:
    """Return the sixteen digits that the card's data give under the key (IBM 3624)."""
    digits = _digits(table)
    if len(digits) != 16 or len(validation) != 8:  # noqa: PLR2004  (one digit a nibble, one block)
        raise ValueError("the table has 16 digits, the validation data 8 bytes")
    algorithm = Algorithm.DES if len(pvk) == 8 else Algorithm.TDES  # noqa: PLR2004
    return "".join(
        digits[int(nibble, 16)] for nibble in encryptor(algorithm, pvk)(validation).hex()
    )


def ibm_offset(natural: str, pin: str, check_length: int) -> str:
    """Return PIN minus natural PIN, digit by digit modulo ten, over the leftmost digits."""
    if not 0 < check_length <= len(_digits(pin)) <= PIN_SIZE_MAX:
        raise ValueError("the check length does not fit the PIN")
    pairs = zip(pin[:check_length], natural, strict=False)
    return "".join(str((int(one) - int(two)) % 10) for one, two in pairs)


def validation_data(field_12: str, account_12: str) -> bytes:
    """Expand a validation field: its ``N`` stands for the last five digits of the account."""
    head, letter, tail = field_12.partition("N")
    text = _digits(head + (_digits(account_12)[-5:] if letter else "") + tail)
    return bytes.fromhex(text.ljust(16, "0")[:16])


def _decimals(block: bytes) -> str:
    text = block.hex()
    digits = [character for character in text if character.isdigit()]
    letters = [str(int(character, 16) - 10) for character in text if not character.isdigit()]
    return "".join(digits + letters)


def _digits(text: str) -> str:
    if not text.isascii() or not text.isdigit():
        raise ValueError("digits only")
    return text
