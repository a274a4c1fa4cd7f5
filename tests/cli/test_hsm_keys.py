"""``pointsman hsm status|key`` against a running HSM."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.hsm_words import pointsman
from tests.hsm.laboratory import TMK, ZMK
from tests.hsm.processes import HsmProcess, hsm


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HsmProcess]:
    with hsm(tmp_path_factory.mktemp("hsm")) as process:
        yield process


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


def test_key_is_exported_when_two_people_ask(running: HsmProcess) -> None:
    where = ("--socket-dir", str(running.sockets))
    _, told, _ = pointsman("key", "new", "KBPK", *where)
    kbpk = json.loads(told)["block"]
    _, told, _ = pointsman("key", "new", "ZAK", *where)
    zak = json.loads(told)
    words = ("key", "export", zak["block"], "--under", kbpk, *where, "--custodian")
    code, told, _ = pointsman(*words, "one")
    assert (code, json.loads(told)["missing"]) == (6, 1)
    assert pointsman(*words, "one")[0] == 5
    code, told, _ = pointsman(*words, "two")
    assert code == 0
    assert json.loads(told)["kcv"] == zak["kcv"]
    assert json.loads(told)["wrapped"][:1] == "D"


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


@pytest.mark.parametrize("given", [[], ["--passphrase-fd", "99"]])
def test_without_a_way_to_ask_for_a_secret_the_command_says_so(
    tmp_path: Path, given: list[str]
) -> None:
    words = ["hsm", "init", "--store", str(tmp_path / "store"), *given]
    done = subprocess.run(
        [sys.executable, "-m", "pointsman", *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("pointsman: ")
    assert done.stderr.count("\n") == 1
