"""Seals: open for their owner with their key, and for nobody else."""

import pytest

from pointsman.console.seal import NONCE_SIZE, Seal, SealError


def test_a_seal_opens_for_its_owner_with_its_key_only() -> None:
    seal = Seal(bytes(32))
    sealed = seal.close(b"secret", b"ada", bytes(NONCE_SIZE))
    assert b"secret" not in sealed
    assert seal.open(sealed, b"ada") == b"secret"
    for opener, text, owner in (
        (seal, sealed, b"bob"),
        (Seal(b"1" * 32), sealed, b"ada"),
        (seal, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"ada"),
        (seal, b"", b"ada"),
    ):
        with pytest.raises(SealError):
            opener.open(text, owner)
