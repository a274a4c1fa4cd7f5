"""What most commands take: --data and --config, read into settings and paths.

A shell: it reads the settings file and the environment. What may be set is told in config.py, where
things lie in directory.py. Exit codes of every command stand here too.
"""

import argparse
import os
import re
import sys
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import msgspec

from pointsman.config import Config, ConfigError, parse
from pointsman.directory import DataDirectory

USUAL_FILE = "pointsman.toml"
PROFILE_FILE = "pointsman-{}.toml"
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    NOT_ALLOWED = 5
    APPROVAL_OPENED = 6
    UNAVAILABLE = 7
    CHECK_FAILED = 8


@dataclass(frozen=True, slots=True)
class Setting:
    """What a command runs with; `file` is the settings file that was read, if one was."""

    config: Config
    directory: DataDirectory
    file: Path | None


def add_options(parser: argparse.ArgumentParser, *, unsaid: str | None = None) -> None:
    """Give `parser` the options that `load` reads."""
    add = parser.add_argument
    add("--data", metavar="DIR", default=unsaid, help="data directory (POINTSMAN_DATA)")
    add("--config", metavar="FILE", default=unsaid, help="settings (POINTSMAN_CONFIG)")
    add("--profile", metavar="NAME", default=unsaid, help="the settings of pointsman-NAME.toml")


def add_word_options(*words: argparse.ArgumentParser) -> None:
    """Let the options of a command stand behind its words as well, as for every other command.

    Where one stands behind the word it counts; where none does, what stood before it.
    """
    for word in words:
        add_options(word, unsaid=argparse.SUPPRESS)


def load(arguments: argparse.Namespace) -> Setting:
    """Read settings for the parsed `arguments`: file, then environment, then --data over it.

    Without --config the file `pointsman.toml` of the current directory is read where there is one,
    with --profile the file of that name. Raises `ConfigError`; `cli.main` prints it in one line and
    exits with 1.
    """
    named = _named(arguments) or os.environ.get("POINTSMAN_CONFIG")
    file = Path(named) if named else Path(USUAL_FILE)
    text = ""
    if named or file.exists():
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read settings file {file}: {error}") from None
    config = parse(text, os.environ, where=str(file))
    root = arguments.data or os.environ.get("POINTSMAN_DATA") or config.data
    chosen = Path(root) if root else Path("var") / f"uid-{os.getuid()}"
    chosen = chosen.absolute()
    return Setting(
        config=msgspec.structs.replace(config, data=str(chosen)),
        directory=DataDirectory(chosen, os.getuid()),
        file=file.absolute() if text else None,
    )


def _named(arguments: argparse.Namespace) -> str | None:
    """Return the settings file that the words name, if they do."""
    profile: str | None = getattr(arguments, "profile", None)
    named: str | None = arguments.config
    if profile is None:
        return named
    if named is not None:
        raise ConfigError("either --config or --profile names the settings")
    if not _PROFILE.fullmatch(profile):
        raise ConfigError("--profile: letters, digits, - and _")
    return PROFILE_FILE.format(profile)


def reason(error: OSError) -> str:
    """Return why the system refused, and what: ``/data/demo: Permission denied``."""
    said = error.strerror or type(error).__name__
    return f"{error.filename}: {said}" if error.filename else said


def complain(text: str) -> None:
    """Print one line for a person on standard error."""
    print(f"pointsman: {text}", file=sys.stderr)
