"""The console's process: serves the application until a signal, and makes the first link.

A shell: Hypercorn on Trio, HTTP/1.1 alone. The first administrator's link goes into a file that
only this user can read, and nowhere else; `pointsman user first` makes another.
"""

import os
import signal
from pathlib import Path

import trio
from hypercorn.config import Config as HypercornConfig

from pointsman import log
from pointsman.config import Config
from pointsman.console import keyfile
from pointsman.console.app import make_app, make_office
from pointsman.console.http1 import serve
from pointsman.console.keymaking import HsmKeys, KeyMaker
from pointsman.console.lamps import Lamps
from pointsman.console.mailing import Mailing
from pointsman.console.office import Office
from pointsman.console.workers import Workers
from pointsman.directory import DataDirectory
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.store.console_rows import GrantRow
from pointsman.store.server import embedded_url
from pointsman.store.verbs import StoreUnavailableError

FIRST_LINK = "console-first-link"
CLOSE_S = 3.0
"""How long answers under way may take when the process is asked to end."""
HEAD_SIZE_MAX = 16_384
IDLE_S = 30.0
AGAIN_S = 1.0
FIRST_ROLE = GrantRow("platform_admin", "platform", "")


def office_of(
    config: Config, directory: DataDirectory, effects: Effects, keys: KeyMaker | None = None
) -> Office:
    """Put the parts together for this house; raises KeyFileError."""
    workers = Workers([directory.worker_socket(n) for n in config.workers.numbers])
    url = config.database.url or embedded_url(directory.postgres)
    key = keyfile.load(directory.root, effects)
    lamps = Lamps(_metrics_of_workers(config), config.timers.echo_s, effects)
    mode = config.console.mode
    return make_office(url, key, effects, mode=mode, keys=keys, orders=workers, lamps=lamps)


def _metrics_of_workers(config: Config) -> list[tuple[str, int]]:
    """Return where this machine's workers tell their metrics; nowhere where they are off."""
    metrics = config.metrics
    numbers = config.workers.numbers if metrics.workers else ()
    return [(metrics.host, metrics.workers + number) for number in numbers]


def address(config: Config) -> str:
    """Return where people reach the console."""
    host = config.console.host
    return f"http://{f'[{host}]' if ':' in host else host}:{config.console.port}"


async def run(
    config: Config, directory: DataDirectory, effects: Effects, operator: HsmClient
) -> None:
    """Serve until SIGTERM or SIGINT; `operator` speaks to the HSM's operator socket."""
    office = office_of(config, directory, effects, HsmKeys(operator))
    asked = trio.Event()
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with trio.open_nursery() as nursery:

            async def obey() -> None:
                async for _ in signals:
                    asked.set()
                    return

            nursery.start_soon(obey)
            nursery.start_soon(operator.run)
            nursery.start_soon(office.refunding.follow)
            nursery.start_soon(Mailing(office.pool, office.signing, config.mail, effects).run)
            nursery.start_soon(_offer_first_link, office, config, directory)
            log.get().info("console", address=address(config))
            await serve(make_app(office), settings(config), asked.wait)
            nursery.cancel_scope.cancel()


async def first_link(office: Office, config: Config) -> str | None:
    """Return a new link for the first administrator; None where somebody is here already."""
    if not await office.people.is_empty():
        return None
    token = await office.signing.invite("first", "start", "", FIRST_ROLE)
    return f"{address(config)}/welcome/{token}"


async def _offer_first_link(office: Office, config: Config, directory: DataDirectory) -> None:
    path = directory.root / FIRST_LINK
    while True:
        try:
            link = await first_link(office, config)
        except StoreUnavailableError:
            await trio.sleep(AGAIN_S)
            continue
        break
    if link is None:
        path.unlink(missing_ok=True)
        return
    write_private(path, link + "\n")
    log.get().info("first_link", file=str(path))


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def settings(config: Config, *, idle_s: float = IDLE_S) -> HypercornConfig:
    """Return how HTTP is served; a head that is not whole after `idle_s` is not waited for."""
    found = HypercornConfig()
    host = config.console.host
    found.bind = [f"{f'[{host}]' if ':' in host else host}:{config.console.port}"]
    found.alpn_protocols = ["http/1.1"]
    found.include_server_header = False
    found.accesslog = None
    found.errorlog = None
    found.graceful_timeout = CLOSE_S
    found.keep_alive_timeout = idle_s
    found.h11_max_incomplete_size = HEAD_SIZE_MAX
    return found
