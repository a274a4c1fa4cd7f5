"""``pointsman hsm init|selftest|verify-log`` as a person uses them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.wire import frame
from tests.cli.hsm_words import SECRET, pointsman
from tests.hsm.laboratory import VECTORS
from tests.hsm.processes import hsm
from tests.hsm.test_server import answers, connect


def test_init_makes_a_store_once(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    code, told, _ = pointsman("init", "--store", store, secrets=SECRET)
    assert (code, told.startswith("LMK made, check value ")) == (0, True)
    assert pointsman("init", "--store", store, secrets=SECRET)[0] == 4


def test_selftest_reports_families_and_fails_on_a_wrong_value(tmp_path: Path) -> None:
    code, told, _ = pointsman("selftest", "--vectors", str(VECTORS), "--json")
    report = json.loads(told)
    assert (code, report["passed"], report["failed"]) == (0, 284, 0)
    file = json.loads((VECTORS / "cvv.json").read_text())
    file["cases"][0]["out"]["cvv"] = "000"
    (tmp_path / "cvv.json").write_text(json.dumps(file))
    code, told, _ = pointsman("selftest", "--vectors", str(tmp_path), "--json")
    assert code == 8
    assert json.loads(told)["failures"] == [f"cvv/{file['cases'][0]['name']}"]


def test_selftest_says_what_is_not_there(tmp_path: Path) -> None:
    code, told, complaint = pointsman("selftest", "--vectors", str(tmp_path / "none"), "--json")
    assert (code, told) == (3, "")
    assert "no such directory" in complaint
    code, told, complaint = pointsman("selftest", "--vectors", str(tmp_path), "--json")
    assert (code, json.loads(told)["passed"]) == (8, 0)
    assert "no vector file" in complaint


@pytest.mark.parametrize("head", ["x", "audit-0:x:00", "audit-0:1:zz", "audit-0:1", "a:1:00:x", ""])
def test_verify_log_says_what_a_head_is(tmp_path: Path, head: str) -> None:
    words = ("verify-log", "--store", str(tmp_path), "--head", head)
    code, told, complaint = pointsman(*words, secrets=SECRET)
    assert (code, told) == (2, "")
    assert "LOG:N:HEX" in complaint
    assert "Traceback" not in complaint


def test_verify_log_of_no_store_is_not_found(tmp_path: Path) -> None:
    code, _, complaint = pointsman("verify-log", "--store", str(tmp_path / "no"), secrets=SECRET)
    assert code == 3
    assert "no key store" in complaint


@pytest.mark.parametrize(
    ("word", "value"), [("--roles", "switch,king"), ("--host-commands", "NC,Q")]
)
def test_serve_says_what_its_words_are(tmp_path: Path, word: str, value: str) -> None:
    places = ("--socket-dir", str(tmp_path), "--store", str(tmp_path / "store"))
    code, _, complaint = pointsman("serve", *places, word, value, secrets=SECRET)
    assert code == 2
    assert f"{word} takes some of" in complaint


def test_verify_log_finds_a_changed_record(tmp_path: Path) -> None:
    with hsm(tmp_path) as process, connect(process, "operator") as link:
        answers(link, frame([(n, c.NewKey("ZAK")) for n in range(5)]), 5)
        (head,) = answers(link, frame([(1, c.AskHead())]))
    assert isinstance(head, c.Head)
    kept = ("--head", f"audit-0:{head.sequence}:{head.digest.hex()}")
    words = ("verify-log", "--store", str(tmp_path / "store"))
    assert pointsman(*words, *kept, secrets=SECRET)[0] == 0
    log = tmp_path / "store" / "audit-0.log"
    log.write_text(log.read_text().replace("NewKey", "OldKey", 1))
    code, told, _ = pointsman(*words, secrets=SECRET)
    assert code == 8
    assert "does not follow" in told
    log.unlink()
    assert pointsman(*words, *kept, secrets=SECRET)[0] == 8


def test_an_hsm_process_loads_neither_trio_nor_a_database_driver() -> None:
    """What it does not load it need not lock in memory, twenty megabytes a process."""
    code = "import sys, pointsman.cli.hsm; print({'trio', 'psycopg', 'aiohttp'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
