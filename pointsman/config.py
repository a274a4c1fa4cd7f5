"""What an operator may set: the text of a TOML file and the environment become frozen values.

A core: reading the file and the real environment is the command line's business (cli/options.py),
the paths below the data directory stand in directory.py. Merchants, terminals and acquirers are not
settings; they come from the site file (site.py). An unknown key is refused with the nearest known.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]

# Read by the shells and by the tests themselves, not settings of the switch.
_NOT_SETTINGS = frozenset({"POINTSMAN_CONFIG", "POINTSMAN_DATA"})
_TEST_PREFIX = "POINTSMAN_TEST_"
_PREFIX = "POINTSMAN_"


class ConfigError(ValueError):
    """A setting that cannot be used; the message names the key and where it was given."""


class Terminals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where terminals connect; port 0 takes any free one, told by `pointsman status`.

    `nii_port` is for terminals of the international dialect; 0 is off.
    """

    host: str = "127.0.0.1"
    port: Port = 8583
    nii_port: Port = 0


class Workers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many worker processes share the terminals; `first` numbers the first one's session."""

    count: Annotated[int, Meta(ge=1, le=64)] = 2
    first: Annotated[int, Meta(ge=0, le=999)] = 0

    @property
    def numbers(self) -> range:
        """The numbers of this house's workers: a session each."""
        return range(self.first, self.first + self.count)


class Hsm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The security module; an empty `passphrase_file` means the laboratory's own, made at start.

    With backend `payshield` the keys that are references of a hardware HSM are used there.
    """

    mode: Literal["laboratory", "live"] = "laboratory"
    processes: Annotated[int, Meta(ge=1, le=8)] = 1  # they share the load
    passphrase_file: str = ""
    backend: Literal["software", "payshield"] = "software"
    host: str = ""
    port: Port = 1500
    header_size: Annotated[int, Meta(ge=2, le=255)] = 4
    lmk: Literal["variant", "key-block"] = "variant"
    lmk_id: Annotated[int, Meta(ge=-1, le=99)] = -1


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where Prometheus reads; `workers` is worker 0's port, the next has the next; 0 is off."""

    host: str = "127.0.0.1"
    supervisor: Port = 9582
    workers: Port = 9583
    clerk: Port = 9581


class Console(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where people and other software reach the back office; port 0 is off."""

    host: str = "127.0.0.1"
    port: Port = 8580
    mode: Literal["test", "demo", "live"] = "test"


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which PostgreSQL; an empty `url` is the embedded one in the data directory."""

    url: str = ""


class Timers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long each party waits, in seconds; host < switch < terminal must hold."""

    host_s: Seconds = 30.0
    switch_s: Seconds = 45.0
    terminal_s: Seconds = 60.0
    hsm_s: Seconds = 2.0
    database_s: Seconds = 2.0
    sent_within_s: Seconds = 5.0
    reversal_retry_s: Seconds = 5.0
    reversal_retry_max_s: Seconds = 300.0
    echo_s: Seconds = 60.0
    connect_retry_s: Seconds = 1.0
    connect_retry_max_s: Seconds = 60.0


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may grow, and how far."""

    frame_size_max: Annotated[int, Meta(ge=64, le=65_535)] = 4096
    connections_max: Count = 20_000
    connections_per_address_max: Count = 20_000
    in_flight_per_connection: Count = 64
    in_flight_max: Count = 2000
    idle_s: Seconds = 300.0
    frame_s: Seconds = 15.0
    send_queue_bytes_max: Annotated[int, Meta(ge=4096, le=2**30)] = 262_144


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts of the place; `zone` (IANA name) decides which business day it is."""

    zone: str = "Asia/Shanghai"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of one house; `data` is the data directory, empty for the usual place."""

    terminals: Terminals = Terminals()
    workers: Workers = Workers()
    hsm: Hsm = Hsm()
    metrics: Metrics = Metrics()
    console: Console = Console()
    database: Database = Database()
    timers: Timers = Timers()
    limits: Limits = Limits()
    site: Site = Site()
    data: str = ""


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
