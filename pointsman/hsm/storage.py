"""The HSM's files: the sealed LMK, its own keys as blocks, and the audit logs; opened and written.

What stands in them is ``vault`` and ``audit``. Files are written whole beside the old one and
renamed, readable for their owner alone; the audit log is only ever appended to.
"""

import fcntl
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pointsman.hsm import vault
from pointsman.hsm.audit import GENESIS, AuditEvent, Chain, ChainResult, verify
from pointsman.hsm.keys import check_value
from pointsman.hsm.primitives import Algorithm

OPERATOR = "operator"
STORE_FILE = "hsm.json"  # one file, so that LMK and keys under it can never part


@dataclass(frozen=True, slots=True)
class OpenedStore:
    """Everything a store holds, in clear; ``old_lmk`` while a change of LMK is under way."""

    lmk: bytes = field(repr=False)
    old_lmk: bytes | None = field(repr=False)
    own: vault.OwnKeys = field(repr=False)
    lmk_kcv: str


def exists(store: Path) -> bool:
    """Tell whether a store was made here."""
    return (store / STORE_FILE).exists()


def init_store(store: Path, passphrase: bytes, lmk: bytes | None = None) -> str:
    """Make a store with this LMK, or a random one; return the LMK's check value.

    Raises VaultError if there is one already. Several processes may race: one of them makes it.
    """
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(store):
        if exists(store):
            raise vault.VaultError("there is a store already")
        lmk = lmk or secrets.token_bytes(vault.LMK_SIZE)
        sealed = vault.seal_lmk(lmk, passphrase, secrets.token_bytes)
        _write(store, sealed, None, vault.new_own_keys(lmk, secrets.token_bytes))
    return check_value(Algorithm.AES, lmk)


def open_store(store: Path, passphrase: bytes) -> OpenedStore:
    """Open a store; raises VaultError."""
    sealed, old, own = _read(store)
    lmk = vault.open_lmk(sealed, passphrase)
    old_lmk = vault.open_lmk(old, passphrase) if old else None
    return OpenedStore(lmk, old_lmk, vault.open_own_keys(lmk, own), check_value(Algorithm.AES, lmk))


def change_lmk(store: Path, passphrase: bytes, lmk: bytes | None = None) -> str:
    """Put a new LMK in place and keep the old one for re-wrapping; return the new check value."""
    with _locked(store):
        before, old, own = _read(store)
        if old is not None:
            raise vault.VaultError("a change of LMK is already under way")
        old_lmk = vault.open_lmk(before, passphrase)
        lmk = lmk or secrets.token_bytes(vault.LMK_SIZE)
        moved = vault.move_own_keys(old_lmk, lmk, own, secrets.token_bytes)
        _write(store, vault.seal_lmk(lmk, passphrase, secrets.token_bytes), before, moved)
    return check_value(Algorithm.AES, lmk)


def end_lmk_change(store: Path) -> None:
    """Forget the old LMK once every key has been re-wrapped."""
    with _locked(store):
        sealed, _, own = _read(store)
        _write(store, sealed, None, own)


def add_pan_key(store: Path, passphrase: bytes) -> None:
    """Make a newer card number key; running processes use it after their next start."""
    with _locked(store):
        sealed, old, own = _read(store)
        lmk = vault.open_lmk(sealed, passphrase)
        _write(store, sealed, old, vault.add_pan_key(lmk, own, secrets.token_bytes))


class AuditFile:
    """One process's audit log, continued where it ended."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.name = path.stem
        found = verify_file(path, key)
        if found.fault:
            # The broken log is kept as evidence; a new one begins and says so.
            path.rename(path.with_suffix(f".broken-{found.records}"))
        self._chain = Chain(key) if found.fault else Chain(key, found.records, found.digest)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "ab", buffering=0)
        self._synced_s = -1
        if found.fault:
            self.append(0, "hsm", 0, AuditEvent("audit", "alarm", found.fault))

    def append(self, time_s: int, role: str, uid: int, event: AuditEvent) -> None:
        """Write one record; an operator's goes through to the disk, others once a second.

        A thousand terminals that sign in must not wait for the disk one after the other.
        """
        self._file.write(self._chain.line(time_s, role, uid, event).encode() + b"\n")
        if role == OPERATOR or time_s != self._synced_s:
            os.fdatasync(self._file.fileno())
            self._synced_s = time_s

    @property
    def head(self) -> tuple[str, int, bytes]:
        """The log's name, its last sequence number and digest."""
        return self.name, self._chain.sequence, self._chain.digest

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def verify_file(path: Path, key: bytes, head: tuple[int, bytes] | None = None) -> ChainResult:
    """Walk an audit log; a log that does not exist is an empty one."""
    if not path.exists():
        return verify(key, (), head) if head else ChainResult(0, GENESIS)
    with path.open(encoding="utf-8", errors="replace") as lines:
        return verify(key, lines, head)


def _read(store: Path) -> tuple[str, str | None, dict[str, str]]:
    try:
        found = json.loads((store / STORE_FILE).read_text())
        return found["lmk"], found["old_lmk"], dict(found["own"])
    except OSError as fault:
        raise vault.VaultError(f"cannot read the store: {fault.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise vault.VaultError("not an HSM store") from None


def _write(store: Path, lmk: str, old_lmk: str | None, own: dict[str, str]) -> None:
    beside = store / (STORE_FILE + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"lmk": lmk, "old_lmk": old_lmk, "own": own}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(store / STORE_FILE)
    directory = os.open(store, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


class _locked:  # noqa: N801  (reads as a word in a with statement)
    """The store's lock: one process changes it at a time."""

    def __init__(self, store: Path) -> None:
        self._descriptor = os.open(store / ".lock", os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
