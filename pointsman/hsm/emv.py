"""EMV keys and cryptograms: card master keys, session keys, ARQC and ARPC (CVN 10, 18, M/Chip).

By clear keys; issuer work that the simulators' role alone reaches, through ``issuer``. Which tags
go into a cryptogram is the caller's to say, in order.
"""

from hashlib import sha1

from pointsman.hsm.keys import odd_parity
from pointsman.hsm.mac import RetailMac
from pointsman.hsm.primitives import Algorithm, encryptor, pad_80, pad_zeros

PAN_DIGITS_A = 16  # option A looks at the last sixteen digits of PAN and sequence number
CSU_SIZE = 4
PROPRIETARY_MAX = 8
_DECIMALS = bytes.maketrans(b"abcdef", b"012345")


def card_key(issuer: bytes, pan: str, psn: str, *, option_b: bool = False) -> bytes:
    """Return the card's master key: option A, or B for longer PANs (EMV book 2, A1.4)."""
    if not (pan + psn).isascii() or not (pan + psn).isdigit() or len(psn) != 2:  # noqa: PLR2004
        raise ValueError("PAN and two digits of sequence number")
    if option_b and len(pan) > PAN_DIGITS_A:
        text = pan + psn
        digest = sha1(bytes.fromhex(text.rjust(len(text) + len(text) % 2, "0"))).hexdigest()  # noqa: S324  (EMV says so)
        digits = "".join(character for character in digest if character.isdigit())
        if len(digits) < PAN_DIGITS_A:
            letters = "".join(character for character in digest if not character.isdigit())
            digits += letters.encode().translate(_DECIMALS).decode()
        data = bytes.fromhex(digits[:PAN_DIGITS_A])
    else:
        data = bytes.fromhex((pan + psn)[-PAN_DIGITS_A:].rjust(PAN_DIGITS_A, "0"))
    other = bytes(byte ^ 0xFF for byte in data)
    return odd_parity(encryptor(Algorithm.TDES, issuer)(data + other))


def common_session_key(card: bytes, diversification: bytes) -> bytes:
    """Return the common method's session key: byte 3 becomes F0 and 0F (EMV book 2, A1.3.1)."""
    if len(diversification) != 8:  # noqa: PLR2004  (one block of DES)
        raise ValueError("eight bytes of diversification")
    left = diversification[:2] + b"\xf0" + diversification[3:]
    right = diversification[:2] + b"\x0f" + diversification[3:]
    return odd_parity(encryptor(Algorithm.TDES, card)(left + right))


def session_key(card: bytes, atc: bytes) -> bytes:
    """Return the session key for an application transaction counter."""
    return common_session_key(card, atc + bytes(6))


def mchip_session_key(card: bytes, atc: bytes, unpredictable: bytes) -> bytes:
    """Return the M/Chip session key: ATC, two zero bytes, unpredictable number."""
    return common_session_key(card, atc + bytes(2) + unpredictable)


def cryptogram(key: bytes, data: bytes, *, padded_80: bool) -> bytes:
    """Return ARQC, TC or AAC over ``data``: retail MAC with X'80' or zero padding."""
    padded = pad_80(data, 8) if padded_80 else pad_zeros(data, 8) or bytes(8)
    return RetailMac(key).whole_blocks(padded)


def arpc_1(key: bytes, arqc: bytes, arc: bytes) -> bytes:
    """Return ARPC method 1: E(ARQC xor ARC), eight bytes."""
    if len(arqc) != 8 or len(arc) != 2:  # noqa: PLR2004  (EMV book 2, 8.2.1)
        raise ValueError("ARQC of eight bytes, ARC of two")
    mixed = int.from_bytes(arqc) ^ int.from_bytes(arc + bytes(6))
    return encryptor(Algorithm.TDES, key)(mixed.to_bytes(8))


def arpc_2(key: bytes, arqc: bytes, csu: bytes, proprietary: bytes = b"") -> bytes:
    """Return ARPC method 2: four bytes of MAC over ARQC, CSU and proprietary data."""
    if len(arqc) != 8 or len(csu) != CSU_SIZE or len(proprietary) > PROPRIETARY_MAX:  # noqa: PLR2004
        raise ValueError("ARQC of eight bytes, CSU of four, at most eight more")
    return cryptogram(key, arqc + csu + proprietary, padded_80=True)[:4]
