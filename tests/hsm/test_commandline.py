"""`pointsman hsm ...` as a person uses it: init, ceremony, keys, jobs, selftest, verify-log."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.hsm_jobs import run_job, whole_lines
from pointsman.hsm import commands as c
from pointsman.hsm.keys import check_value
from pointsman.hsm.primitives import Algorithm
from pointsman.hsm.wire import frame
from tests.hsm.laboratory import PAN, TMK, VECTORS, ZMK
from tests.hsm.processes import PASSPHRASE, HsmProcess, hsm
from tests.hsm.test_server import answers, connect


def pointsman(*words: str, secrets: dict[str, bytes] | None = None) -> tuple[int, str, str]:
    """Run a command in this process; secrets go in by descriptors, which it reads and closes."""
    argv = ["hsm", *words]
    for option, secret in (secrets or {}).items():
        read_end, write_end = os.pipe()
        os.write(write_end, secret + b"\n")
        os.close(write_end)
        argv += [option, str(read_end)]
    told, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(told), redirect_stderr(complained):
        code = main(argv)
    return code, told.getvalue(), complained.getvalue()


SECRET = {"--passphrase-fd": PASSPHRASE}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HsmProcess]:
    with hsm(tmp_path_factory.mktemp("hsm")) as process:
        yield process


def test_init_makes_a_store_once(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    code, told, _ = pointsman("init", "--store", store, secrets=SECRET)
    assert (code, told.startswith("LMK made, check value ")) == (0, True)
    assert pointsman("init", "--store", store, secrets=SECRET)[0] == 4


def test_ceremony_makes_the_lmk_of_three_components(tmp_path: Path) -> None:
    parts = [bytes([n]) * 32 for n in (1, 2, 4)]
    typed = b"\n".join(part.hex().encode() for part in parts)
    store = str(tmp_path / "store")
    words = ("ceremony", "--store", store)
    code, told, _ = pointsman(*words, secrets=SECRET | {"--components-fd": typed})
    assert code == 0
    assert told.count("check value") == 4
    # XOR of 01, 02 and 04 is 07: the check value is a CMAC over zeros under that key.
    assert check_value(Algorithm.AES, b"\x07" * 32) in told
    twice = b"\n".join([parts[0].hex().encode()] * 3)
    other = ("ceremony", "--store", store + "2")
    assert pointsman(*other, secrets={"--components-fd": twice})[0] == 2


def test_keys_are_made_described_and_retired(running: HsmProcess) -> None:
    where = ("--socket-dir", str(running.sockets))
    code, told, _ = pointsman("key", "new", "ZAK", "--owner", "host", *where)
    made = json.loads(told)
    assert code == 0
    code, told, _ = pointsman("key", "describe", made["block"], *where)
    assert json.loads(told) | {"created_s": 0} == {
        "usage": "ZAK", "algorithm": "TDES", "owner": "host", "kcv": made["kcv"],
        "state": "active", "created_s": 0, "expires_s": 0,
    }  # fmt: skip
    code, told, _ = pointsman("key", "state", made["block"], "retired", *where)
    assert json.loads(told)["kcv"] == made["kcv"]
    code, told, fault = pointsman("key", "new", "NOTHING", *where)
    assert (code, told) == (5, "")
    assert "refused" in fault


def test_clear_and_component_keys_come_by_descriptor(running: HsmProcess) -> None:
    where = ("--socket-dir", str(running.sockets))
    typed = {"--key-fd": TMK.hex().encode()}
    code, told, _ = pointsman("key", "import", "TMK", *where, secrets=typed)
    assert (code, json.loads(told)["kcv"]) == (0, "08D7B4")
    for number, (person, part) in enumerate((("ann", ZMK), ("bea", TMK)), 1):
        words = ("key", "component", "ZMK", "--entry", "e", "--custodian", person)
        typed = {"--key-fd": part.hex().encode()}
        code, told, _ = pointsman(*words, "--number", str(number), *where, secrets=typed)
        assert code == 0
        assert json.loads(told)["missing"] == 2 - number
    assert "block" in json.loads(told)


def test_status_tells_counters(running: HsmProcess) -> None:
    code, told, _ = pointsman("status", "--json", "--socket-dir", str(running.sockets))
    assert code == 0
    assert json.loads(told)["mode"] == "laboratory"
    assert pointsman("status", "--socket-dir", str(running.sockets))[0] == 0


def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    assert pointsman("status", "--socket-dir", str(tmp_path))[0] == 7


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


def test_change_of_lmk_and_data_key_end_to_end(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    with hsm(tmp_path) as process, connect(process) as link:
        made = answers(link, frame([(n, c.NewKey("TMK", f"T{n}")) for n in range(5)]), 5)
        sealed = answers(link, frame([(1, c.Outbound(seal=c.PanSeal(PAN, b"row")))]))
    blocks = [key.block.decode() for key in made if isinstance(key, c.KeyMade)]
    (tmp_path / "keys").write_text("\n".join(blocks) + "\n")
    assert isinstance(sealed[0], c.OutboundDone)
    assert sealed[0].cipher is not None
    (tmp_path / "pans").write_text(f"{sealed[0].cipher.hex()} {b'row'.hex()}\n")
    assert pointsman("change-lmk", "--store", store, secrets=SECRET)[0] == 0
    assert pointsman("change-pan-key", "--store", store, secrets=SECRET)[0] == 0
    with hsm(tmp_path) as process:
        where = ("--socket-dir", str(process.sockets))
        # A run that was cut off in the middle of its second line.
        (tmp_path / "new-keys").write_text("first\nsec")
        job = ("rewrap", *where, str(tmp_path / "keys"), str(tmp_path / "new-keys"))
        assert pointsman(*job)[0] == 0
        first, *moved = (tmp_path / "new-keys").read_text().split()
        assert first == "first"
        assert len(moved) == 4
        _, told, _ = pointsman("key", "describe", moved[0], *where)
        assert json.loads(told)["owner"] == "T1"
        assert pointsman("key", "describe", blocks[1], *where)[0] == 5
        job = ("reseal", *where, str(tmp_path / "pans"), str(tmp_path / "new-pans"))
        assert pointsman(*job)[0] == 0
        cipher = bytes.fromhex((tmp_path / "new-pans").read_text().split()[0])
        assert cipher[:3] == b"\x01\x00\x02"
        with connect(process) as link:
            assert answers(link, frame([(1, c.OpenPan(cipher, b"row"))])) == [c.Opened(PAN)]
    assert pointsman("end-lmk-change", "--store", store, secrets=SECRET)[0] == 0
    assert pointsman("change-lmk", "--store", store, secrets={"--passphrase-fd": b"x" * 9})[0] == 1


def test_job_goes_on_behind_its_last_whole_line(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text("".join(f"{n}\n" for n in range(2_500)))
    target.write_text("0\n1\nhal")
    assert whole_lines(target) == 2
    assert run_job(source, target, lambda batch: batch) == (2_500, 0)
    assert target.read_text() == source.read_text()
    assert run_job(source, target, lambda batch: batch) == (2_500, 0)
