"""Card numbers: tokens that stand for them, and cipher texts that are bound to one row.

Token: HMAC-SHA-256, cut to sixteen bytes. Cipher text: AES-256-GCM with the number of its key in
front. What the card values on a card are is in ``cardvalues``.
"""

import hmac
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pointsman.hsm.pinblock import Fill
from pointsman.hsm.policy import NotAllowed

TOKEN_SIZE = 16
NONCE_SIZE = 12
CIPHER_VERSION = 1
PAN_SIZE_MAX = 64  # a payment code is longer than a card number


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The HSM's own keys: for tokens, and for card numbers by key number, the newest writing."""

    token: bytes = field(repr=False)
    pan: dict[int, bytes] = field(repr=False)


class CardVault:
    """The data keys made ready."""

    __slots__ = ("_newest", "_pan", "_random", "_token")

    def __init__(self, data: DataKeys, random: Fill) -> None:
        self._random = random
        self._token = hmac.new(data.token, digestmod="sha256")
        self._pan = {number: AESGCM(key) for number, key in data.pan.items()}
        self._newest = max(data.pan)

    def token(self, text: str) -> bytes:
        """Return the token of a card number or payment code."""
        if not 0 < len(text) <= PAN_SIZE_MAX or not text.isascii():
            raise ValueError("not a card number")
        keyed = self._token.copy()
        keyed.update(text.encode())
        return keyed.digest()[:TOKEN_SIZE]

    def seal(self, pan: str, row: bytes) -> bytes:
        """Encipher a card number for a row: version, key number, nonce, AES-256-GCM."""
        head = bytes((CIPHER_VERSION,)) + self._newest.to_bytes(2)
        nonce = self._random(NONCE_SIZE)
        return head + nonce + self._pan[self._newest].encrypt(nonce, pan.encode(), head + row)

    def open(self, cipher: bytes, row: bytes) -> str:
        """Decipher a card number; a wrong row is refused like a changed cipher text."""
        head, nonce, sealed = cipher[:3], cipher[3:15], cipher[15:]
        opener = self._pan.get(int.from_bytes(head[1:]))
        if len(head) != 3 or head[0] != CIPHER_VERSION or opener is None:  # noqa: PLR2004
            raise NotAllowed("cipher text of another key")
        try:
            return opener.decrypt(nonce, sealed, head + row).decode()
        except (InvalidTag, ValueError):
            raise NotAllowed("cipher text or row changed") from None
