"""The command line finds its commands, imports only the asked one, and fails in one line."""

import subprocess
import sys

import pytest

from pointsman import __version__, cli
from pointsman.cli.options import Exit


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pointsman", *words], capture_output=True, text=True, check=False
    )


def test_help_names_every_command_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    for name in ("serve", "status", "doctor"):
        assert f"\n    {name} " in text
        assert cli.COMMANDS[name].help in text


def test_help_does_not_import_the_house() -> None:
    program = (
        "import sys; from pointsman import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(' '.join(sorted(set(sys.modules) & {'trio', 'psycopg', 'Crypto'})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


@pytest.mark.parametrize("name", [n for n, command in cli.COMMANDS.items() if cli._exists(command)])
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([name, "--help"])
    assert end.value.code == 0
    assert f"pointsman {name}" in capsys.readouterr().out


def test_unknown_command_is_a_usage_error() -> None:
    done = run("surve")
    assert done.returncode == Exit.USAGE
    assert "invalid choice: 'surve'" in done.stderr


def test_version_is_told() -> None:
    assert run("--version").stdout == f"pointsman {__version__}\n"


def test_broken_setting_is_one_line_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_TERMINALS_PRT", "1")
    done = run("doctor")
    assert done.returncode == Exit.FAILED
    assert done.stderr == (
        "pointsman: unknown variable POINTSMAN_TERMINALS_PRT; "
        "did you mean POINTSMAN_TERMINALS_PORT?\n"
    )
