"""Known answers at start: all right here, and a wrong one is named."""

from pathlib import Path

import pytest

from pointsman.hsm.knownanswers import KNOWN_ANSWERS, run_known_answers


@pytest.mark.parametrize("name", KNOWN_ANSWERS)
def test_answer_is_right(name: str) -> None:
    assert KNOWN_ANSWERS[name]()


def test_a_wrong_answer_is_named() -> None:
    assert run_known_answers() == []
    assert run_known_answers({"good": lambda: True, "bad": lambda: False}) == ["bad"]


def test_every_algorithm_of_the_room_has_one() -> None:
    text = (Path(__file__).parents[2] / "pointsman" / "hsm" / "knownanswers.py").read_text()
    for used in ("cup_ecb_mac", "x9_19", "cmac(", "pinblock.", "Wrapper(", "dukpt.", "emv.",
                 "cardvalues.", "Algorithm.SM4", "Library.PYCRYPTODOME"):  # fmt: skip
        assert used in text
