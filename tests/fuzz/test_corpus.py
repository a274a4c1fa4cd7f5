"""Every recorded input through every target: nothing escapes; and the fuzzer itself runs."""

import pytest

from tests.fuzz import run
from tests.fuzz.targets import TARGETS, Target, seeds


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_no_recorded_input_escapes(target: Target) -> None:
    reached = {target(data) for data in seeds()}
    assert len(reached) > 1


def test_fuzzer_reports_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--executions", "512", "--seed", "7"]) == 0
    assert '"executions": 512' in capsys.readouterr().out


def test_fuzzer_tells_an_escape(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(data: bytes) -> object:
        raise KeyError(len(data))

    assert run.main(["--executions", "512", "--seed", "7"], [broken]) == 1
    assert "ESCAPE in broken" in capsys.readouterr().out
