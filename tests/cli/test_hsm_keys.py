"""``pointsman hsm status|key|ceremony`` against a running HSM."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.hsm.keys import check_value
from pointsman.hsm.primitives import Algorithm
from tests.cli.hsm_words import SECRET, pointsman
from tests.hsm.laboratory import TMK, ZMK
from tests.hsm.processes import HsmProcess, hsm


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HsmProcess]:
    with hsm(tmp_path_factory.mktemp("hsm")) as process:
        yield process


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
