"""No test of the switch that needs an HSM runs with one alone, unless a list says why."""

import re
from pathlib import Path

import pytest

from tests.switch.hsms import ASKS_NO_HSM

HERE = Path(__file__).parent
OWN = {"test_hsms.py"}
_NEEDS = re.compile(
    r"^from (?:pointsman\.hsm|tests\.hsm|tests\.switch\.(?:hsms|whole))\b", re.MULTILINE
)
_WITH_EITHER = 'usefixtures("backend")'


def modules() -> list[Path]:
    return sorted(path for path in HERE.glob("test_*.py") if path.name not in OWN)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.name)
def test_each_module_runs_with_either_hsm_or_is_named(path: Path) -> None:
    text = path.read_text()
    if path.name in ASKS_NO_HSM:
        assert _WITH_EITHER not in text, "named, and runs with either all the same"
    elif _NEEDS.search(text):
        assert _WITH_EITHER in text


def test_names_in_the_list_are_modules_that_are_there() -> None:
    assert set(ASKS_NO_HSM) <= {path.name for path in modules()}
