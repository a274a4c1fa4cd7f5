"""Settings: a file, the environment over it, and every mistake told by name (config.py)."""

import contextlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.config import Config, ConfigError, parse

EXAMPLE = Path(__file__).parents[1] / "pointsman.example.toml"


def test_nothing_given_is_the_default_house() -> None:
    assert parse("", {}) == Config()


def test_environment_goes_over_the_file() -> None:
    text = "[terminals]\nport = 9000\n[timers]\nhost_s = 3\n"
    config = parse(text, {"POINTSMAN_TERMINALS_PORT": "9001", "POINTSMAN_DATABASE_URL": "p://x"})
    assert (config.terminals.port, config.timers.host_s, config.database.url) == (
        9001,
        3.0,
        "p://x",
    )


def test_fractions_of_a_second_come_from_both_places() -> None:
    config = parse("[timers]\nhost_s = 1.5\n", {"POINTSMAN_TIMERS_REVERSAL_RETRY_S": "0.25"})
    assert (config.timers.host_s, config.timers.reversal_retry_s) == (1.5, 0.25)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[teminals]\n", r"unknown section \[teminals\]; did you mean terminals\?"),
        ("[timers]\nhost = 3\n", r"unknown key timers\.host; did you mean host_s\?"),
        ("[timers]\nxyz = 3\n", r"unknown key timers\.xyz$"),
        ("terminals = 3\n", r"terminals is a section; write \[terminals\]"),
        ("a b\n", r"Expected '='.*line 1"),
        ("[timers]\nhost_s = 'soon'\n", r"Expected `float`.*\$\.timers\.host_s"),
        ("[timers]\nhost_s = 0\n", r"> 0.*\$\.timers\.host_s"),
        ("[timers]\nhost_s = 50\n", r"host_s < switch_s < terminal_s"),
        ("[terminals]\nport = 70000\n", r"65535.*\$\.terminals\.port"),
        ("[terminals]\nport = 9584\n", r"port 9584 is given to two listeners"),
        ("[metrics]\nworkers = 65535\n", r"passes port 65535"),
        ("[workers]\nfirst = 1000\n", r"<= 999.*\$\.workers\.first"),
        ("[hsm]\nmode = 'real'\n", r"\$\.hsm\.mode"),
        ("[site]\nzone = 'Mars/North'\n", r"site\.zone is not an IANA time zone"),
        ("[site]\nzone = '../etc'\n", r"site\.zone is not an IANA time zone"),
    ],
)
def test_mistake_is_told_by_name(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        parse(text, {}, where="my.toml")
    assert str(error.value).startswith("my.toml")


def test_misspelt_variable_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean POINTSMAN_DATABASE_URL"):
        parse("", {"POINTSMAN_DATABASE_ULR": "x"})


def test_variables_of_tests_and_of_the_command_line_are_no_settings() -> None:
    given = {"POINTSMAN_TEST_POSTGRES": "/x", "POINTSMAN_DATA": "/y", "POINTSMAN_CONFIG": "/z"}
    assert parse("", given | {"PATH": "/bin"}) == Config()


@pytest.mark.parametrize("text", ["-3", " 3", "1_0", "\u0663", "3.", ".5", "1e3", ""])
def test_only_plain_digits_are_a_number(text: str) -> None:
    with pytest.raises(ConfigError):
        parse("", {"POINTSMAN_TIMERS_ECHO_S": text})


@given(st.text(max_size=200))
def test_no_text_makes_anything_but_settings_or_an_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(parse(text, {}), Config)


def test_example_file_shows_every_key_with_its_default() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert parse(text, {}) == Config()
    # Each key stands there as a setting, not only in a comment.
    shown = {line.split(" = ")[0] for line in text.splitlines() if " = " in line and line[0] != "#"}
    keys = {
        key
        for section in msgspec.structs.asdict(Config()).values()
        if isinstance(section, msgspec.Struct)
        for key in msgspec.structs.asdict(section)
    }
    assert keys | {"data"} == shown
