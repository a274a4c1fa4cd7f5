"""A data directory for tests of commands, with the test's own database."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pointsman.cli import main

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "pointsman/sim/demo_site.toml"
EXAMPLE = ROOT / "site.example.toml"


@dataclass(frozen=True)
class Place:
    """Where a command shall work; `run` gives exit code, standard output and standard error."""

    data: Path
    config: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        command, *rest = words
        code = main([command, "--data", str(self.data), "--config", str(self.config), *rest])
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *words: str) -> tuple[int, dict[str, Any]]:  # Any: as JSON gives it
        code, out, _ = self.run(*words, "--json")
        return code, json.loads(out)


def place(directory: Path, database: str, capsys: pytest.CaptureFixture[str]) -> Place:
    config = directory / "pointsman.toml"
    config.write_text(f'[database]\nurl = "{database}"\n')
    return Place(directory / "data", config, capsys)
