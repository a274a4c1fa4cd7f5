"""Tokens and cipher texts of card numbers."""

from secrets import token_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.cards import CardVault, DataKeys
from pointsman.hsm.policy import NotAllowed

KEYS = DataKeys(b"\x01" * 32, {1: b"\x02" * 32, 7: b"\x03" * 32})
VAULT = CardVault(KEYS, token_bytes)
pans = st.text("0123456789", min_size=1, max_size=64)


@given(pans, st.binary(max_size=40), st.binary(max_size=40))
def test_what_is_sealed_opens_in_its_row(pan: str, row: bytes, other: bytes) -> None:
    cipher = VAULT.seal(pan, row)
    assert VAULT.open(cipher, row) == pan
    assert cipher[:3] == b"\x01\x00\x07"
    if other != row:
        with pytest.raises(NotAllowed):
            VAULT.open(cipher, other)


@given(pans, pans)
def test_tokens_are_equal_where_cards_are(one: str, two: str) -> None:
    assert (VAULT.token(one) == VAULT.token(two)) is (one == two)
    assert len(VAULT.token(one)) == 16
    other = CardVault(DataKeys(b"\x09" * 32, KEYS.pan), token_bytes)
    assert other.token(one) != VAULT.token(one)


@pytest.mark.parametrize("text", ["", "1" * 65, "\u0661"])
def test_what_is_no_card_has_no_token(text: str) -> None:
    with pytest.raises(ValueError, match="card number"):
        VAULT.token(text)


@pytest.mark.parametrize("cipher", [b"", b"\x01", b"\x01\x00\x07", b"\x02\x00\x07" + bytes(40)])
def test_what_is_no_cipher_text_is_refused(cipher: bytes) -> None:
    with pytest.raises(NotAllowed):
        VAULT.open(cipher, b"")


def test_cipher_text_of_a_key_that_is_gone_is_refused() -> None:
    cipher = VAULT.seal("1", b"")
    with pytest.raises(NotAllowed, match="not allowed"):
        CardVault(DataKeys(KEYS.token, {1: KEYS.pan[1]}), token_bytes).open(cipher, b"")


def test_keys_do_not_show() -> None:
    assert "x01" not in repr(KEYS)
    assert "x02" not in repr(KEYS)


def test_a_payment_code_has_up_to_64_characters() -> None:
    assert len(VAULT.token("1" * 64)) == 16
