"""Settings file, environment and --data come together in the right order (cli/options.py)."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman import cli
from pointsman.cli.options import add_options, add_word_options, load
from pointsman.config import ConfigError


@pytest.fixture(autouse=True)
def _empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty directory, with none of our variables set."""
    for name in [name for name in os.environ if name.startswith("POINTSMAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(words)


def test_each_user_has_a_directory_of_its_own(tmp_path: Path) -> None:
    setting = load(asked())
    assert setting.directory.root == tmp_path / "var" / f"uid-{os.getuid()}"
    assert setting.config.data == str(setting.directory.root)
    assert setting.file is None


def test_data_is_taken_from_the_nearest_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pointsman.toml").write_text("data = '/from/file'\n")
    assert load(asked()).directory.root == Path("/from/file")
    monkeypatch.setenv("POINTSMAN_DATA", "/from/environment")
    assert load(asked()).directory.root == Path("/from/environment")
    assert load(asked("--data", "here")).directory.root == tmp_path / "here"


def test_usual_file_is_read_and_named_to_the_children(tmp_path: Path) -> None:
    (tmp_path / "pointsman.toml").write_text("[workers]\ncount = 5\n")
    setting = load(asked())
    assert setting.config.workers.count == 5
    assert setting.file == tmp_path / "pointsman.toml"


def test_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"cannot read settings file mine\.toml"):
        load(asked("--config", "mine.toml"))
    monkeypatch.setenv("POINTSMAN_CONFIG", "yours.toml")
    with pytest.raises(ConfigError, match=r"yours\.toml"):
        load(asked())


def test_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "pointsman.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot read settings file"):
        load(asked())


def test_options_may_stand_before_a_word_or_behind_it() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    word = parser.add_subparsers().add_parser("list")
    add_word_options(word)
    assert parser.parse_args(["--data", "/a", "list"]).data == "/a"
    assert parser.parse_args(["list", "--data", "/b"]).data == "/b"
    assert parser.parse_args(["--data", "/a", "list", "--data", "/b"]).data == "/b"
    neither = parser.parse_args(["list"])
    assert (neither.data, neither.config) == (None, None)


WITHOUT_HOUSE = {"decode", "encode", "spec", "sim", "hsm"}
"""Commands that need no data directory; of the HSM's words some name a key store instead."""


def _words(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers behind which nothing but options and values stands."""
    # argparse tells its own parts no other way.
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield parser
    for action in below:
        for one in action.choices.values():
            yield from _words(one)


@pytest.mark.parametrize("name", sorted(set(cli.COMMANDS) - WITHOUT_HOUSE))
def test_every_command_takes_data_and_config_at_its_end(name: str) -> None:
    command = cli.COMMANDS[name]
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    if command.noun:
        cli._import(command).add_noun(subparsers, command.noun)
    else:
        cli._import(command).add_parser(subparsers)
    words = list(_words(parser))
    assert words
    for word in words:
        assert {"--data", "--config"} <= set(word._option_string_actions), word.prog


def test_a_profile_names_a_settings_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pointsman-branch.toml").write_text("[workers]\ncount = 7\n")
    assert load(asked("--profile", "branch")).config.workers.count == 7
    for words in (
        ("--profile", "none"),
        ("--profile", "../x"),
        ("--profile", "a", "--config", "b"),
    ):
        with pytest.raises(ConfigError):
            load(asked(*words))
