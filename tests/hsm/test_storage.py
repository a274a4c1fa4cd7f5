"""The store at rest, its changes of LMK and data keys, and the audit log in a file."""

import json
import os
from pathlib import Path

import pytest

from pointsman.hsm import storage
from pointsman.hsm.audit import GENESIS, AuditEvent
from pointsman.hsm.storage import STORE_FILE, AuditFile, verify_file
from pointsman.hsm.vault import OwnKey, VaultError, open_own, seal_own
from tests.hsm.processes import PASSPHRASE

EVENT = AuditEvent("NewKey", "ok", kind="TPK", kcv="ABCDEF", owner="T1")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A store's text and its LMK's check value: scrypt is slow on purpose, so made once."""
    store = tmp_path_factory.mktemp("store")
    kcv = storage.init_store(store, PASSPHRASE)
    return (store / STORE_FILE).read_text(), kcv


def test_the_store_has_its_name_for_ever() -> None:
    assert STORE_FILE == "hsm.json"


@pytest.fixture
def store(tmp_path: Path, made: tuple[str, str]) -> Path:
    (tmp_path / STORE_FILE).write_text(made[0])
    return tmp_path


def test_store_opens_with_its_passphrase_alone(store: Path, made: tuple[str, str]) -> None:
    opened = storage.open_store(store, PASSPHRASE)
    assert opened.lmk_kcv == made[1]
    assert opened.old_lmk is None
    assert set(opened.own.pan) == {1}
    for wrong in (b"", PASSPHRASE[:-1], PASSPHRASE + b"x"):
        with pytest.raises(VaultError, match="wrong passphrase"):
            storage.open_store(store, wrong)


def test_store_shows_no_key(store: Path) -> None:
    opened = storage.open_store(store, PASSPHRASE)
    text = (store / STORE_FILE).read_text().lower()
    for key in (opened.lmk, opened.own.token, opened.own.audit, opened.own.pan[1]):
        assert key.hex() not in text
        assert repr(key) not in repr(opened)
        assert repr(key) not in repr(opened.own)


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    storage.init_store(tmp_path / "new", PASSPHRASE)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / STORE_FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(VaultError, match="already"):
        storage.init_store(tmp_path / "new", PASSPHRASE)
    for wrong in (b"short", b"x" * 1_025):
        with pytest.raises(VaultError, match="passphrase"):
            storage.init_store(tmp_path / "other", wrong)
    with pytest.raises(VaultError, match="AES-256"):
        storage.init_store(tmp_path / "other", PASSPHRASE, bytes(16))
    assert not storage.exists(tmp_path / "other")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"lmk": 1, "old_lmk": null, "own": {}}'])
def test_file_that_is_no_store_is_refused(store: Path, text: str) -> None:
    (store / STORE_FILE).write_text(text)
    with pytest.raises(VaultError):
        storage.open_store(store, PASSPHRASE)


def test_missing_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="cannot read"):
        storage.open_store(tmp_path, PASSPHRASE)


def test_own_key_in_another_place_or_of_another_lmk_is_refused(store: Path) -> None:
    found = json.loads((store / STORE_FILE).read_text())
    swapped = found["own"] | {"token": found["own"]["audit"]}
    (store / STORE_FILE).write_text(json.dumps(found | {"own": swapped}))
    with pytest.raises(VaultError, match="another's place"):
        storage.open_store(store, PASSPHRASE)
    foreign = seal_own(bytes(32), OwnKey.TOKEN, bytes(32), os.urandom)
    (store / STORE_FILE).write_text(json.dumps(found | {"own": found["own"] | {"token": foreign}}))
    with pytest.raises(VaultError, match="does not belong"):
        storage.open_store(store, PASSPHRASE)
    missing = {name: block for name, block in found["own"].items() if name != "pan.1"}
    (store / STORE_FILE).write_text(json.dumps(found | {"own": missing}))
    with pytest.raises(VaultError, match="missing"):
        storage.open_store(store, PASSPHRASE)
    assert open_own(bytes(32), OwnKey.TOKEN, foreign) == bytes(32)


def test_change_of_lmk_keeps_own_keys_and_the_old_lmk_until_its_end(store: Path) -> None:
    before = storage.open_store(store, PASSPHRASE)
    kcv = storage.change_lmk(store, PASSPHRASE)
    during = storage.open_store(store, PASSPHRASE)
    assert during.lmk_kcv == kcv != before.lmk_kcv
    assert during.old_lmk == before.lmk
    assert during.own == before.own
    with pytest.raises(VaultError, match="under way"):
        storage.change_lmk(store, PASSPHRASE)
    storage.end_lmk_change(store)
    assert storage.open_store(store, PASSPHRASE).old_lmk is None


def test_newer_data_key_joins_the_older(store: Path) -> None:
    before = storage.open_store(store, PASSPHRASE)
    storage.add_pan_key(store, PASSPHRASE)
    after = storage.open_store(store, PASSPHRASE)
    assert set(after.own.pan) == {1, 2}
    assert after.own.pan[1] == before.own.pan[1]
    assert after.own.pan[2] != before.own.pan[1]


def write(path: Path, count: int, key: bytes = b"k") -> tuple[str, int, bytes]:
    file = AuditFile(path, key)
    for number in range(count):
        file.append(number, "operator", 0, EVENT)
    head = file.head
    file.close()
    return head


def test_audit_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "audit-0.log"
    write(path, 3)
    name, sequence, digest = write(path, 2)
    assert (name, sequence) == ("audit-0", 5)
    found = verify_file(path, b"k", (3, json_digest(path, 3)))
    assert (found.records, found.digest, found.fault) == (5, digest, "")
    assert path.stat().st_mode & 0o777 == 0o600


def json_digest(path: Path, number: int) -> bytes:
    return bytes.fromhex(path.read_text().splitlines()[number - 1].partition("\t")[2])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda lines: lines[1:], "record 1 does not follow"),
        (lambda lines: [lines[0], lines[2]], "record 2 does not follow"),
        (lambda lines: [lines[1], lines[0], lines[2]], "record 1 does not follow"),
        (lambda lines: [lines[0], lines[1].replace("TPK", "ZPK"), lines[2]], "record 2"),
        (lambda lines: [*lines, lines[2]], "record 4 does not follow"),
        (lambda lines: [*lines, "half a rec"], "record 4 is cut off"),
    ],
)
def test_changed_audit_log_is_found(tmp_path: Path, change: object, fault: str) -> None:
    path = tmp_path / "audit-0.log"
    write(path, 3)
    assert callable(change)
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    assert fault in verify_file(path, b"k").fault


def test_cut_log_is_found_by_a_kept_head(tmp_path: Path) -> None:
    path = tmp_path / "audit-0.log"
    _, sequence, digest = write(path, 3)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    assert verify_file(path, b"k").fault == ""
    assert "ends before" in verify_file(path, b"k", (sequence, digest)).fault
    assert "not the one" in verify_file(path, b"k", (2, digest)).fault
    path.unlink()
    assert "ends before" in verify_file(path, b"k", (sequence, digest)).fault
    assert verify_file(path, b"k").digest == GENESIS


def test_log_under_another_key_does_not_follow(tmp_path: Path) -> None:
    path = tmp_path / "audit-0.log"
    write(path, 1)
    assert verify_file(path, b"other").fault == "record 1 does not follow"


def test_broken_log_is_kept_and_a_new_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "audit-0.log"
    write(path, 2)
    with path.open("a") as file:
        file.write("half a rec")
    write(path, 1)
    assert (tmp_path / "audit-0.broken-2").exists()
    lines = path.read_text().splitlines()
    assert "cut off" in lines[0]
    assert verify_file(path, b"k").records == 2
