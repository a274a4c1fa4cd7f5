"""The LMK file's text: opened by its passphrase, by nothing else, changed never."""

import json
from secrets import token_bytes

import pytest

from pointsman.hsm import vault

PASSPHRASE = b"a passphrase for tests alone"
LMK = bytes(range(32))


@pytest.fixture(scope="module")
def sealed() -> str:
    return vault.seal_lmk(LMK, PASSPHRASE, token_bytes)


def test_lmk_opens_with_its_passphrase(sealed: str) -> None:
    assert vault.open_lmk(sealed, PASSPHRASE) == LMK
    assert LMK.hex() not in sealed
    assert "scrypt n=32768" in sealed


@pytest.mark.parametrize("name", ["salt", "nonce", "sealed"])
def test_changed_file_does_not_open(sealed: str, name: str) -> None:
    found = json.loads(sealed)
    value = bytearray.fromhex(found[name])
    value[0] ^= 1
    changed = json.dumps(found | {name: value.hex()})
    with pytest.raises(vault.VaultError, match="wrong passphrase or changed"):
        vault.open_lmk(changed, PASSPHRASE)


def test_other_versions_and_files_are_told(sealed: str) -> None:
    found = json.loads(sealed)
    with pytest.raises(vault.VaultError, match="another version"):
        vault.open_lmk(json.dumps(found | {"version": 2}), PASSPHRASE)
    for text in (
        "",
        "[]",
        "{}",
        json.dumps(found | {"salt": "xyz"}),
        json.dumps(found | {"salt": 1}),
    ):
        with pytest.raises(vault.VaultError, match="not an LMK file"):
            vault.open_lmk(text, PASSPHRASE)


def test_own_keys_move_with_their_lmk_and_grow() -> None:
    blocks = vault.new_own_keys(LMK, token_bytes)
    own = vault.open_own_keys(LMK, blocks)
    moved = vault.move_own_keys(LMK, bytes(32), blocks, token_bytes)
    assert vault.open_own_keys(bytes(32), moved) == own
    with pytest.raises(vault.VaultError):
        vault.open_own_keys(LMK, moved)
    grown = vault.add_pan_key(LMK, vault.add_pan_key(LMK, blocks, token_bytes), token_bytes)
    assert set(vault.open_own_keys(LMK, grown).pan) == {1, 2, 3}
    for broken in ({}, {"token": blocks["token"]}, blocks | {"pan.x": blocks["pan.1"]}):
        with pytest.raises(vault.VaultError):
            vault.open_own_keys(LMK, broken)


@pytest.mark.parametrize(("size", "right"), [(7, False), (8, True), (1_024, True), (1_025, False)])
def test_passphrases_have_8_to_1024_bytes(size: int, right: bool) -> None:
    if right:
        assert vault.open_lmk(vault.seal_lmk(LMK, b"x" * size, token_bytes), b"x" * size) == LMK
    else:
        with pytest.raises(vault.VaultError, match="8 to 1024"):
            vault.seal_lmk(LMK, b"x" * size, token_bytes)


def test_lmk_file_is_the_same_for_ever() -> None:
    """A store that was made by this version opens with all later ones: nothing of it may move."""
    text = vault.seal_lmk(LMK, PASSPHRASE, lambda size: bytes(range(size)))
    assert json.loads(text) == {
        "version": 1,
        "kdf": "scrypt n=32768 r=8 p=1",
        "salt": "000102030405060708090a0b0c0d0e0f",
        "nonce": "000102030405060708090a0b",
        "sealed": SEALED,
        "kcv": "377822C093",
    }


SEALED = (
    "84c19e1bedd6784373c7be6dc3e3f5ab1e9015c0dbff4090"
    "8170c633769c2eca7263b3c826390158070257f81999236b"
)
