"""The PIN commands of the front: which formats move, and what closes a key."""

import json

import pytest

from pointsman.hsm.faults import FaultLimit
from pointsman.hsm.hostcommands import COMMANDS, SWITCH_COMMANDS, Front
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.lmkvariant import VariantLmk
from tests.hsm.laboratory import VECTORS

FILE = json.loads((VECTORS / "hsm_host_messages.json").read_text())
PAIRS = FILE["parameters"]["test_lmk_pairs_hex"]
VARIANT = VariantLmk({name: bytes.fromhex(pair) for name, pair in PAIRS.items()})
STRICT = Front(HostKeys(bytes, variant=VARIANT), frozenset(COMMANDS))


def test_a_thousand_bad_blocks_close_the_key() -> None:
    limit = FaultLimit(faults_max=3)
    front = Front(HostKeys(bytes, variant=VARIANT), SWITCH_COMMANDS, faults=limit)
    good = FILE["cases"][0]["in"]["request"].encode()
    bad = good.replace(b"6428EB94035AF53B", b"0" * 16)
    for _ in range(3):
        assert front.answer(bad) == b"CB20"
    assert front.answer(good) == b"CB17"


@pytest.mark.parametrize("formats", [b"0105", b"0147", b"4701", b"4705", b"0501", b"0505"])
def test_only_bound_formats_are_moved(formats: bytes) -> None:
    good = FILE["cases"][0]["in"]["request"].encode()
    answer = STRICT.answer(good.replace(b"53B0101", b"53B" + formats))
    allowed = formats in (b"0147", b"4701")
    assert (answer[2:] != b"23") == allowed
