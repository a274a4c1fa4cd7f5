"""``pointsman hsm init|selftest|verify-log`` as a person uses them."""

import json
from pathlib import Path

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
    assert pointsman("selftest", "--vectors", str(tmp_path / "none"))[0] == 8


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
