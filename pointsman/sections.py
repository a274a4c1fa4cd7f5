"""The settings of one house by section, with their defaults and bounds.

Values only. How they are read, from a file and from the environment, and what must hold between
them, is in config.py, which gives out the same names.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Terminals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where terminals connect; port 0 takes any free one, told by `pointsman status`.

    `nii_port` is for terminals of the international dialect; 0 is off. A framing is a profile of
    codecs/framing.py: what stands before the messages of that port.
    """

    host: str = "127.0.0.1"
    port: Port = 8583
    nii_port: Port = 0
    framing: Literal[
        "tpdu-header",
        "tpdu-header-inclusive",
        "ascii4-tpdu-header",
        "bcd2-tpdu-header",
        "dial14",
        "dial33",
    ] = "tpdu-header"
    nii_framing: Literal["tpdu", "tpdu-inclusive", "ascii4-tpdu", "bcd2-tpdu"] = "tpdu"


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


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mail server that takes letters to people; an empty `host` sends none.

    `link_base` is where people reach the console from outside; `password_file` holds one line.
    """

    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    sender: str = ""
    link_base: str = ""


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
    mail: Mail = Mail()
    database: Database = Database()
    timers: Timers = Timers()
    limits: Limits = Limits()
    site: Site = Site()
    data: str = ""
