"""What an operator may set: the text of a TOML file and the environment become frozen values.

A core: reading the file and the real environment is the command line's business (cli/options.py),
the sections stand in sections.py, the paths below the data directory in directory.py. Merchants,
terminals and acquirers are not settings; they come from the site file (site/). An unknown key is
refused with the nearest known.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from pointsman.sections import (
    Config,
    Console,
    Database,
    Hsm,
    Limits,
    Mail,
    Metrics,
    Site,
    Terminals,
    Timers,
    Workers,
)

__all__ = [
    "Config",
    "ConfigError",
    "Console",
    "Database",
    "Hsm",
    "Limits",
    "Mail",
    "Metrics",
    "Site",
    "Terminals",
    "Timers",
    "Workers",
    "parse",
]


# Read by the shells and by the tests themselves, not settings of the switch.
_NOT_SETTINGS = frozenset({"POINTSMAN_CONFIG", "POINTSMAN_DATA"})
_TEST_PREFIX = "POINTSMAN_TEST_"
_PREFIX = "POINTSMAN_"


class ConfigError(ValueError):
    """A setting that cannot be used; the message names the key and where it was given."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The keys of `Config` by section, and the type of each."""

    sections: Mapping[str, Mapping[str, type]]

    def names(self) -> dict[str, tuple[str, str]]:
        """Return environment variable name -> (section, key)."""
        return {
            f"{_PREFIX}{section}_{key}".upper(): (section, key)
            for section, keys in self.sections.items()
            for key in keys
        }


def _known() -> _Known:
    sections = {
        name: kind
        for name, kind in get_type_hints(Config).items()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    }
    return _Known({name: get_type_hints(kind) for name, kind in sections.items()})


def parse(text: str, environment: Mapping[str, str], *, where: str = "pointsman.toml") -> Config:
    """Return the settings of a TOML text with ``POINTSMAN_SECTION_KEY`` variables over it.

    `where` names the text in errors. Raises `ConfigError` for anything that is not exactly right:
    syntax, an unknown key or variable, a value of the wrong type or out of bounds.
    """
    known = _known()
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}") from None
    _refuse_unknown(tree, known, where)
    for section, values in _from_environment(environment, known).items():
        tree[section] = {**tree.get(section, {}), **values}
    try:
        config = msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where} or environment: {error}") from None
    _check_sense(config, where)
    return config


def _refuse_unknown(tree: Mapping[str, object], known: _Known, where: str) -> None:
    top = [*known.sections, "data"]
    for name, value in tree.items():
        if name not in top:
            raise ConfigError(f"{where}: unknown section [{name}]{_nearest(name, top)}")
        if name == "data":
            continue
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: {name} is a section; write [{name}]")
        keys = list(known.sections[name])
        for key in (key for key in value if key not in keys):
            raise ConfigError(f"{where}: unknown key {name}.{key}{_nearest(key, keys)}")


def _from_environment(
    environment: Mapping[str, str], known: _Known
) -> dict[str, dict[str, int | float | str]]:
    names = known.names()
    found: dict[str, dict[str, int | float | str]] = {}
    for variable in sorted(environment):
        ours = variable.startswith(_PREFIX) and not variable.startswith(_TEST_PREFIX)
        if not ours or variable in _NOT_SETTINGS:
            continue
        if variable not in names:
            raise ConfigError(f"unknown variable {variable}{_nearest(variable, list(names))}")
        section, key = names[variable]
        found.setdefault(section, {})[key] = _number_or_text(environment[variable])
    return found


def _number_or_text(text: str) -> int | float | str:
    """Read a variable as TOML would read a number; anything else stays text."""
    if text.isascii() and text.isdigit():
        return int(text)
    whole, dot, rest = text.partition(".")
    if dot and text.isascii() and whole.isdigit() and rest.isdigit():
        return float(text)
    return text


def _nearest(name: str, among: list[str]) -> str:
    close = difflib.get_close_matches(name, among, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _check_sense(config: Config, where: str) -> None:
    """Refuse values that are each allowed but cannot hold together."""
    timers = config.timers
    if not timers.host_s < timers.switch_s < timers.terminal_s:
        raise ConfigError(f"{where}: timers must grow: host_s < switch_s < terminal_s")
    hsm = config.hsm
    if hsm.backend == "payshield" and (not hsm.host or not hsm.port):
        raise ConfigError(f"{where}: hsm.backend payshield needs hsm.host and hsm.port")
    if hsm.backend == "payshield" and hsm.lmk == "key-block" and hsm.lmk_id < 0:
        raise ConfigError(f"{where}: hsm.lmk key-block needs the number of the LMK, hsm.lmk_id")
    if hsm.backend == "software" and hsm.host:
        raise ConfigError(f"{where}: hsm.host is used with hsm.backend payshield alone")
    mail = config.mail
    if mail.host and not (mail.sender and mail.link_base):
        raise ConfigError(f"{where}: mail.host needs mail.sender and mail.link_base")
    metrics = config.metrics
    ports = [metrics.supervisor, metrics.clerk, config.console.port]
    ports += [metrics.workers + n for n in config.workers.numbers if metrics.workers]
    used = [port for port in [config.terminals.port, config.terminals.nii_port, *ports] if port]
    if max(used, default=0) > 65_535:  # noqa: PLR2004 - the highest port there is
        raise ConfigError(f"{where}: metrics.workers + workers.count passes port 65535")
    twice = sorted({port for port in used if used.count(port) > 1})
    if twice:
        raise ConfigError(f"{where}: port {twice[0]} is given to two listeners")
    try:
        ZoneInfo(config.site.zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ConfigError(f"{where}: site.zone is not an IANA time zone") from None
