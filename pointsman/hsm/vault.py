"""The LMK at rest under a passphrase, and the HSM's own keys under the LMK: values and text only.

scrypt turns the passphrase into the key that seals the LMK (AES-256-GCM). Token, card number and
audit keys are key blocks like all others. Reading and writing the files is ``storage``'s.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.keyheader import Header, KeyBlockError, pad_size
from pointsman.hsm.keys import Kind, check_value
from pointsman.hsm.primitives import Algorithm

LMK_SIZE = 32
SALT_SIZE, NONCE_SIZE = 16, 12
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 15, 8, 1  # 32 MiB, a tenth of a second
SCRYPT_MEMORY_MAX = 128 << 20
PASSPHRASE_SIZE_MIN, PASSPHRASE_SIZE_MAX = 8, 1_024
VERSION = 1


class VaultError(Exception):
    """The store cannot be opened: wrong passphrase, or a file that is not ours."""


class OwnKey(Enum):
    """A key of the HSM itself: X9.143 usage, algorithm and mode of its block."""

    TOKEN = (Kind.TOKEN.row.usage, "A", "G")
    PAN = ("D0", "A", "B")
    AUDIT = ("M7", "H", "G")


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """The HSM's own keys in clear, as the engine takes them."""

    token: bytes = field(repr=False)
    pan: dict[int, bytes] = field(repr=False)
    audit: bytes = field(repr=False)


def seal_lmk(lmk: bytes, passphrase: bytes, random: Callable[[int], bytes]) -> str:
    """Return the text of the LMK file."""
    if not PASSPHRASE_SIZE_MIN <= len(passphrase) <= PASSPHRASE_SIZE_MAX:
        raise VaultError(f"a passphrase has {PASSPHRASE_SIZE_MIN} to {PASSPHRASE_SIZE_MAX} bytes")
    if len(lmk) != LMK_SIZE:
        raise VaultError("the LMK is an AES-256 key")
    salt, nonce = random(SALT_SIZE), random(NONCE_SIZE)
    sealed = AESGCM(_stretch(passphrase, salt)).encrypt(nonce, lmk, _bound())
    return json.dumps(
        {
            "version": VERSION,
            "kdf": f"scrypt n={SCRYPT_N} r={SCRYPT_R} p={SCRYPT_P}",
            "salt": salt.hex(),
            "nonce": nonce.hex(),
            "sealed": sealed.hex(),
            "kcv": check_value(Algorithm.AES, lmk),
        },
        indent=1,
    )


def open_lmk(text: str, passphrase: bytes) -> bytes:
    """Return the LMK; raises VaultError, which does not say what was wrong inside."""
    try:
        found = json.loads(text)
        salt, nonce = bytes.fromhex(found["salt"]), bytes.fromhex(found["nonce"])
        sealed = bytes.fromhex(found["sealed"])
        version = found["version"]
    except (ValueError, KeyError, TypeError):
        raise VaultError("not an LMK file") from None
    if version != VERSION:
        raise VaultError("an LMK file of another version")
    try:
        return AESGCM(_stretch(passphrase, salt)).decrypt(nonce, sealed, _bound())
    except (InvalidTag, ValueError):
        raise VaultError("wrong passphrase or changed LMK file") from None


def new_own_keys(lmk: bytes, random: Callable[[int], bytes]) -> dict[str, str]:
    """Return fresh own keys as blocks by name: token, audit, pan.1."""
    return {
        "token": seal_own(lmk, OwnKey.TOKEN, random(32), random),
        "audit": seal_own(lmk, OwnKey.AUDIT, random(32), random),
        "pan.1": seal_own(lmk, OwnKey.PAN, random(32), random),
    }


def add_pan_key(
    lmk: bytes, blocks: dict[str, str], random: Callable[[int], bytes]
) -> dict[str, str]:
    """Return the blocks with a newer card number key; old ones stay for reading."""
    newest = max(int(name[4:]) for name in blocks if name.startswith("pan."))
    return blocks | {f"pan.{newest + 1}": seal_own(lmk, OwnKey.PAN, random(32), random)}


def move_own_keys(
    old: bytes, new: bytes, blocks: dict[str, str], random: Callable[[int], bytes]
) -> dict[str, str]:
    """Return the same keys under a new LMK."""
    return {
        name: seal_own(new, _own_kind(name), open_own(old, _own_kind(name), block), random)
        for name, block in blocks.items()
    }


def seal_own(lmk: bytes, kind: OwnKey, key: bytes, random: Callable[[int], bytes]) -> str:
    """Return one of the HSM's own keys as a block."""
    usage, algorithm, mode = kind.value
    header = Header("D", usage, algorithm, mode)
    pad = random(pad_size(header, len(key)))
    return Wrapper(lmk, Algorithm.AES).seal(header, key, pad).decode()


def open_own(lmk: bytes, kind: OwnKey, block: str) -> bytes:
    """Return one of the HSM's own keys; raises VaultError."""
    try:
        opened = Wrapper(lmk, Algorithm.AES).open(block.encode())
    except KeyBlockError:
        raise VaultError("an own key does not belong to this LMK") from None
    header = opened.header
    if (header.usage, header.algorithm, header.mode) != kind.value:
        raise VaultError("an own key stands in another's place")
    return opened.key


def open_own_keys(lmk: bytes, blocks: dict[str, str]) -> OwnKeys:
    """Return all own keys in clear; raises VaultError."""
    try:
        pan = {
            int(name[4:]): open_own(lmk, OwnKey.PAN, block)
            for name, block in blocks.items()
            if name.startswith("pan.")
        }
        token = open_own(lmk, OwnKey.TOKEN, blocks["token"])
        audit = open_own(lmk, OwnKey.AUDIT, blocks["audit"])
    except (KeyError, ValueError):
        raise VaultError("own keys are missing") from None
    if not pan:
        raise VaultError("own keys are missing")
    return OwnKeys(token, pan, audit)


def _own_kind(name: str) -> OwnKey:
    return OwnKey[name.partition(".")[0].upper()]


def _stretch(passphrase: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(
        passphrase,
        salt=salt,
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        maxmem=SCRYPT_MEMORY_MAX,
        dklen=32,
    )


def _bound() -> bytes:
    return f"pointsman hsm lmk {VERSION}".encode()
