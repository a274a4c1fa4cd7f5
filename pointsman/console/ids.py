"""Ids as people and programs write them: a prefix and 26 letters that sort by time.

Crockford's base 32 without I, L, O and U, in small letters. Who makes the 16 bytes is effects.py.
A payment's id in the journal is the same 16 bytes.
"""

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_SIZE = 26
_BYTES = 16


def encode(prefix: str, raw: bytes) -> str:
    """Return ``pay_`` and the id's 26 letters, say."""
    number = int.from_bytes(raw, "big")
    letters = [_LETTERS[number >> (5 * place) & 31] for place in reversed(range(_SIZE))]
    return f"{prefix}_{''.join(letters)}"


def decode(prefix: str, text: str) -> bytes | None:
    """Return the 16 bytes, or None where the text is no id of this prefix."""
    head, _, letters = text.partition("_")
    if head != prefix or len(letters) != _SIZE or not set(letters) <= _VALUES.keys():
        return None
    number = 0
    for letter in letters:
        number = number << 5 | _VALUES[letter]
    return number.to_bytes(_BYTES, "big") if number < 1 << 8 * _BYTES else None


def first_id_at(milliseconds: int) -> bytes:
    """Return the smallest id that can be made at this time (RFC 9562: 48 bits of it lead)."""
    return milliseconds.to_bytes(6, "big") + bytes(10)


def last_id_at(milliseconds: int) -> bytes:
    """Return the greatest id that can be made at this time."""
    return milliseconds.to_bytes(6, "big") + b"\xff" * 10
