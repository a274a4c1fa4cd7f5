"""The vector operations in vectors_keys: all are known to the self-test, none under two names."""

import json

import pytest

from pointsman.hsm.selftest import KNOWN, passes
from pointsman.hsm.vectors_keys import KEY_OPERATIONS as OPERATIONS
from tests.hsm.laboratory import VECTORS


def test_operations_are_in_the_self_test() -> None:
    assert OPERATIONS
    assert len(set(OPERATIONS)) == len(OPERATIONS)
    assert all(KNOWN[name] is run for name, run in OPERATIONS.items())


@pytest.mark.parametrize("name", ["dukpt_tdes", "dukpt_aes"])
def test_a_case_of_keys_alone_needs_no_pin_and_no_data(name: str) -> None:
    cases = json.loads((VECTORS / f"{name}.json").read_text())["cases"]
    case = next(case for case in cases if case["in"]["op"] == name)
    keys = {word: value for word, value in case["out"].items() if word.endswith("key_hex")}
    given = {
        word: value
        for word, value in case["in"].items()
        if word not in {"pin", "data_hex", "clear_pin_block_hex"}
    }
    assert passes({"in": given, "out": keys}, {})
    assert not passes({"in": given, "out": case["out"]}, {})
