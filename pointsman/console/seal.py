"""Secrets of the back office at rest: authenticator secrets under a key of the data directory.

AES-256-GCM, bound to what the secret belongs to. Cards and keys of terminals are none of this: the
HSM holds those. The key file is read and made in keyfile.py.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE = 32
NONCE_SIZE = 12  # NIST SP 800-38D


class SealError(Exception):
    """A sealed value that this key did not seal, or not for this owner."""


class Seal:
    """Seals and opens with one key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, secret: bytes, owner: bytes, nonce: bytes) -> bytes:
        """Return the sealed secret; `nonce` is 12 random bytes, never used before."""
        return nonce + self._cipher.encrypt(nonce, secret, owner)

    def open(self, sealed: bytes, owner: bytes) -> bytes:
        """Return the secret; raises SealError."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], owner)
        except (InvalidTag, ValueError):
            raise SealError("a sealed secret does not open") from None
