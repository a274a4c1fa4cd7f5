"""``pointsman user``: says what is missing instead of making a house."""

from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.options import Exit


@pytest.mark.parametrize("words", [["user", "list"], ["user", "first"], ["audit", "verify"]])
def test_nothing_is_made_where_there_is_no_house(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "none"
    assert main([*words, "--data", str(root)]) == Exit.FAILED
    assert "nothing is in" in capsys.readouterr().err
    assert not root.exists()
