"""Vector operations: each of the shared format is there, and each fails on a changed input."""

import json

import pytest

from pointsman.hsm.selftest import KNOWN, passes
from pointsman.hsm.vectors import OPERATIONS
from pointsman.hsm.vectors_cards import CARD_OPERATIONS
from pointsman.hsm.vectors_host import HOST_OPERATIONS
from pointsman.hsm.vectors_keys import KEY_OPERATIONS
from tests.hsm.laboratory import VECTORS

FILES = {path.stem: json.loads(path.read_text()) for path in sorted(VECTORS.glob("*.json"))}
USED = {case["in"]["op"] for file in FILES.values() for case in file["cases"]}


def test_operations_are_those_of_the_files() -> None:
    assert set(KNOWN) == USED
    parts = (OPERATIONS, CARD_OPERATIONS, HOST_OPERATIONS, KEY_OPERATIONS)
    assert sum(map(len, parts)) == len(KNOWN)


@pytest.mark.parametrize("family", FILES)
def test_every_value_of_every_case_is_looked_at(family: str) -> None:
    file = FILES[family]
    for case in file["cases"]:
        if case["in"]["op"] == "ecb_encrypt_iterated":
            continue  # a million rounds: once, in the self-test
        assert passes(case, file), case["name"]
        for name in case["out"]:
            changed = {**case, "out": {**case["out"], name: "changed"}}
            assert not passes(changed, file), (case["name"], name)
