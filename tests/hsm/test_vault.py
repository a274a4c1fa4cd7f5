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
