"""The past of the live demo: made once, before its house serves for the first time.

A shell: it has a database and an HSM for the length of the making (house.py), seals cards and makes
keys there, and brings in the demo's site. What happened, and how it is written, is
pointsman/history. A making that was cut short is begun anew.
"""

import argparse
import hashlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import trio

from pointsman import log
from pointsman.cli.demo_waiting import Waiting
from pointsman.cli.house import House, HouseError, house
from pointsman.cli.importing import import_site
from pointsman.cli.options import Exit, Setting, complain, load
from pointsman.cli.serve import check_ports
from pointsman.effects import Effects
from pointsman.history import making
from pointsman.history.rerun import Sealed
from pointsman.history.town import DAYS
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import (
    HsmUnavailable,
    NewTerminalKeys,
    Outbound,
    OutboundDone,
    PanSeal,
    TerminalKeys,
)
from pointsman.hsm.listener import socket_name
from pointsman.hsm.macmethod import MacMethod
from pointsman.hsm.policy import Role
from pointsman.sim.demo_world import Plan, prepare
from pointsman.site.file import parse
from pointsman.site.values import SiteFileError
from pointsman.store.connection import UnsafeSettingsError
from pointsman.store.migrate import SchemaError
from pointsman.store.parties import Terminal
from pointsman.store.server import ServerError
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.listeners import PortBusyError, check_free

UNFINISHED = "history.unfinished"
HSM_S = 30.0
"""A day's card numbers are handed over at once, and may wait for one another."""
LAYOUT = "003"
EVERY_DAYS = 10


def is_unfinished(directory: Path) -> bool:
    """Say whether a making was cut short here."""
    return (directory / UNFINISHED).exists()


def make_once(plan: Plan, tell: Callable[[str], None], days: int = DAYS) -> Exit:
    """Make the last days of the history of a demo that has no data yet."""
    setting = load(argparse.Namespace(data=str(plan.data), config=None))
    if setting.directory.postgres.exists():
        return Exit.OK
    prepare(plan)
    setting = load(argparse.Namespace(data=str(plan.data), config=str(plan.data / "settings.toml")))
    try:
        _check_ports(plan, setting)
    except PortBusyError as error:
        complain(f"{error}; the demo needs it, and begins with nothing before it is free")
        return Exit.FAILED
    mark = plan.data / UNFINISHED
    mark.touch()
    log.setup("history", quiet=True)
    tell(f"making {days} days of history, once")
    console = setting.config.console
    if console.port:
        tell(f"http://{console.host}:{console.port}/ says how far it is, then it is the console")
    try:
        with house(setting, with_hsm=True) as found:
            made = trio.run(_make, plan, setting, found, tell, days)
    except (HouseError, ServerError, SchemaError, UnsafeSettingsError) as error:
        complain(f"no history: {error}")
        return Exit.UNAVAILABLE
    except (StoreUnavailableError, HsmUnavailable, SiteFileError) as error:
        complain(f"no history: {error}")
        return Exit.FAILED
    mark.unlink()
    tell(f"{made.days} days, {made.payments} payments")
    return Exit.OK


def _check_ports(plan: Plan, setting: Setting) -> None:
    """Raise PortBusyError before a past is made for a demo that could not run then."""
    if plan.free_ports:
        return
    terminals = setting.config.terminals
    check_free(terminals.host, terminals.port, key="terminals.port")
    check_ports(setting.config)


async def _make(
    plan: Plan, setting: Setting, found: House, tell: Callable[[str], None], days: int
) -> making.Made:
    text = (plan.data / "site.toml").read_bytes()
    site = parse(text.decode())

    async def bring_site() -> None:
        digest = hashlib.sha256(text).digest()
        planned = await import_site(found, site, digest, None)
        await import_site(found, site, digest, planned.plan.token)

    waiting = Waiting(f"0 / {days}")

    def told(day: int) -> None:
        waiting.told = f"{day + days - DAYS + 1} / {days}"
        if day % EVERY_DAYS == 0:
            tell(f"day {day} of {DAYS}")

    path = str(setting.directory.hsm_sockets / socket_name(Role.SWITCH))
    hsm = HsmClient(path, timeout_s=HSM_S)
    console = setting.config.console
    async with trio.open_nursery() as nursery:
        await nursery.start(hsm.run)
        if console.port:
            listeners = await trio.open_tcp_listeners(console.port, host=console.host)
            nursery.start_soon(waiting.serve, listeners)
        chamber = _Chamber(hsm)
        made = await making.make(
            found.database_url,
            data_files=setting.directory.files,
            ledgers=plan.data / "acquirers",
            now=Effects().now(),
            zone=ZoneInfo(site.zone),
            cutoff=site.cutoff,
            bring_site=bring_site,
            seal=chamber.seal,
            new_keys=chamber.new_keys,
            machine=f"{socket.gethostname()}:{setting.directory.root}",
            count=days,
            told=told,
        )
        nursery.cancel_scope.cancel()
    return made


@dataclass(frozen=True, slots=True)
class _Chamber:
    """What the history asks of the HSM."""

    hsm: HsmClient

    async def seal(self, many: Sequence[tuple[str, bytes]]) -> list[Sealed]:
        """Return tokens and cipher texts, in the order of the card numbers."""
        found: dict[int, Sealed] = {}

        async def one(place: int, account: str, row: bytes) -> None:
            done = await self.hsm.ask(
                Outbound(seal=PanSeal(account, row)), trio.current_time() + HSM_S
            )
            assert isinstance(done, OutboundDone)
            assert done.token is not None
            found[place] = (done.token, done.cipher)

        async with trio.open_nursery() as nursery:
            for place, (account, row) in enumerate(many):
                nursery.start_soon(one, place, account, row)
        return [found[place] for place in range(len(many))]

    async def new_keys(self, terminal: Terminal) -> tuple[bytes, bytes]:
        """Return working keys under the terminal's master key, as a sign-in makes them."""
        made = await self.hsm.ask(
            NewTerminalKeys(
                terminal.tmk,
                LAYOUT,
                owner=f"{terminal.mid}/{terminal.tid}",
                method=MacMethod(terminal.mac_method),
            ),
            trio.current_time() + HSM_S,
        )
        assert isinstance(made, TerminalKeys)
        return made.tpk, made.tak
