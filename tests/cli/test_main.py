"""The command line finds its commands, imports only the asked one, and fails in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from pointsman import __version__, cli
from pointsman.cli.options import Exit, reason


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


@pytest.mark.parametrize(
    "words", [("serve",), ("demo",), ("demo", "--no-history"), ("migrate",), ("blacklist", "list")]
)
def test_a_data_directory_that_cannot_be_used_is_one_line(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not even root may write below a file; who has no right to write hears it the same way.
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    command, *rest = words
    assert cli.main([command, *rest, "--data", str(in_the_way / "data")]) == Exit.FAILED
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(in_the_way) in said


def test_the_systems_refusal_is_told_with_its_place() -> None:
    assert reason(PermissionError(13, "Permission denied", "/data")) == "/data: Permission denied"
    assert reason(OSError(28, "No space left on device")) == "No space left on device"
