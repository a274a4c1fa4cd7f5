"""The shared vectors, every value of ``out``; and that a wrong value, file or operation fails."""

import json
from pathlib import Path

import pytest

from pointsman.hsm.selftest import passes, run_directory
from tests.hsm.laboratory import VECTORS

FAMILIES = {
    "cmac": 20,
    "cup_pos_mac": 9,
    "cvv": 8,
    "dukpt_aes": 28,
    "dukpt_tdes": 27,
    "emv": 25,
    "hsm_host_messages": 28,
    "ibm3624": 9,
    "kcv_components": 18,
    "mac_iso9797": 30,
    "pin_block": 31,
    "sm4": 12,
    "tr31": 19,
    "thales_lmk_variant": 13,
    "visa_pvv": 7,
}


@pytest.fixture(scope="module")
def families() -> dict[str, tuple[int, int]]:
    return run_directory(VECTORS).families


@pytest.mark.parametrize("family", FAMILIES)
def test_every_case_of_a_family_passes(family: str, families: dict[str, tuple[int, int]]) -> None:
    assert families[family] == (FAMILIES[family], 0)


def test_one_wrong_value_of_many_fails_the_case() -> None:
    file = json.loads((VECTORS / "emv.json").read_text())
    case = next(case for case in file["cases"] if case["in"]["op"] == "visa_cvn18")
    assert passes(case, file)
    for name in case["out"]:
        changed = {**case, "out": {**case["out"], name: "00"}}
        assert not passes(changed, file), name


@pytest.mark.parametrize(
    "case",
    [
        {"in": {"op": "unheard_of"}, "out": {"x": "1"}},
        {"in": {"op": "cvv"}, "out": {"cvv": "123"}},
        {"in": {"op": "odd_parity", "key_hex": "00"}, "out": {}},
        {"in": 7, "out": {"x": "1"}},
        "case",
    ],
)
def test_what_is_not_known_or_not_whole_fails(case: object) -> None:
    assert not passes(case, {})


def test_what_only_raises_is_refused_under_any_name_and_what_has_one_by_its_own() -> None:
    short = {"op": "encode_clear", "format": 0, "pin": "123", "pan": "6216261000000000018"}
    assert passes({"in": short, "out": {"error": "pin_too_short"}}, {})
    assert not passes({"in": short, "out": {"error": "mac_mismatch"}}, {})
    assert not passes({"in": {**short, "pin": "1234"}, "out": {"error": "pin_too_short"}}, {})
    assert not passes({"in": {"op": "encode_clear"}, "out": {"error": "pin_too_short"}}, {})
    block = {"op": "decode_clear", "format": 1, "pan": "", "clear_block_hex": "0" * 16}
    wanted = {"error": "pin_block_invalid", "detail": "control"}
    assert passes({"in": block, "out": wanted}, {})
    assert not passes({"in": block, "out": {**wanted, "detail": "length"}}, {})
    assert not passes({"in": block, "out": {**wanted, "error": "invalid"}}, {})
    assert not passes({"in": block, "out": {"pin": "0000"}}, {})


@pytest.mark.parametrize("text", ["[]", "null", '{"cases": 7, "family": "x"}', "[" * 100_000])
def test_a_file_that_is_no_family_counts_as_failed(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    report = run_directory(tmp_path)
    assert (report.passed, report.failed) == (0, 1)


def test_unreadable_file_counts_as_failed(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    report = run_directory(tmp_path)
    assert (report.passed, report.failed) == (0, 1)
    assert json.loads(report.as_json())["failures"] == ["broken/file"]
