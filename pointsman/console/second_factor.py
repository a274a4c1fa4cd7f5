"""The second factor: six digits of an authenticator (RFC 6238), each once, and recovery codes.

Random bytes and the time are given. Where the sealed secret, the last step and the codes' hashes
are kept is store/console_people.py; sealing is seal.py.
"""

import base64
import hashlib
import hmac

import pyotp

SECRET_SIZE = 20  # RFC 4226: at least 128 bits, 160 recommended
STEP_S = 30
STEPS_AROUND = 1
"""A clock may be a step early or late (RFC 6238, section 5.2)."""
RECOVERY_CODES = 10
RECOVERY_SIZE = 10
"""Bytes of one recovery code: 80 bits need no slow hash."""
ISSUER = "Pointsman"


def address_of(secret: bytes, login: str) -> str:
    """Return the ``otpauth`` address that an authenticator reads from a picture."""
    return pyotp.TOTP(text_of(secret)).provisioning_uri(name=login, issuer_name=ISSUER)


def text_of(secret: bytes) -> str:
    """Return the secret as it is typed by hand."""
    return base64.b32encode(secret).decode()


def accepted_step(secret: bytes, code: str, *, now_s: int, last_step: int) -> int | None:
    """Return the time step whose code this is, or None; a step up to `last_step` was used."""
    one = pyotp.TOTP(text_of(secret))
    step = now_s // STEP_S
    for candidate in range(step - STEPS_AROUND, step + STEPS_AROUND + 1):
        expected = one.generate_otp(candidate)
        if candidate > last_step and hmac.compare_digest(expected.encode(), code.encode()):
            return candidate
    return None


def recovery_codes(random: bytes) -> tuple[str, ...]:
    """Return new codes, in two groups of eight letters each; shown once."""
    assert len(random) == RECOVERY_CODES * RECOVERY_SIZE
    pieces = [random[n : n + RECOVERY_SIZE] for n in range(0, len(random), RECOVERY_SIZE)]
    letters = [base64.b32encode(piece).decode().lower() for piece in pieces]
    return tuple(f"{text[:8]}-{text[8:]}" for text in letters)


def recovery_hash(code: str) -> bytes:
    """Return what is kept of a recovery code; blanks and capitals do not matter."""
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(b"recovery" + plain.encode()).digest()
