"""``pointsman hsm ceremony``: an LMK of three components."""

from pathlib import Path

from pointsman.hsm.keys import check_value
from pointsman.hsm.primitives import Algorithm
from tests.cli.hsm_words import SECRET, pointsman


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
