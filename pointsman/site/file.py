"""A site file read into values, or refused with all its faults at once, each with its line.

What each table and key may hold is in tables.py. Here stands what they mean together, and the rule
that clear keys are for the laboratory alone. How a site file becomes changes is in plan.py.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import time
from typing import TypeVar

from pointsman.site.fetched import downloads
from pointsman.site.keys import ClearKey, Faults, KeySource, read_table
from pointsman.site.lines import Path, line_index, line_of
from pointsman.site.tables import ACQUIRER, MERCHANT, ROUTE, SITE, TERMINAL
from pointsman.site.values import (
    SiteAcquirer,
    SiteFault,
    SiteFile,
    SiteFileError,
    SiteTerminal,
    written,
)
from pointsman.store.parties import Acquirer, Merchant, Route, Rules

SIZE_MAX = 16 * 1024 * 1024
"""Characters of a site file: some 100,000 terminals; more is a mistake, not a site."""

_ROUTES_MAX = 16
_NAME = re.compile("[a-z][a-z0-9-]{0,31}", re.ASCII)
_MID = re.compile("[0-9A-Za-z]{15}", re.ASCII)
_TID = re.compile("[0-9A-Za-z]{8}", re.ASCII)


def parse(text: str) -> SiteFile:
    """Read the text of a site file; raises `SiteFileError` with every fault that was found."""
    if len(text) > SIZE_MAX:
        raise SiteFileError((SiteFault(1, "file", f"longer than {SIZE_MAX} characters"),))
    try:
        tree = tomllib.loads(text)
        index = line_index(text)
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError((_syntax(str(error), text),)) from None
    except RecursionError:
        raise SiteFileError((SiteFault(1, "TOML", "nested too deeply"),)) from None
    except ValueError:  # Python refuses to read numbers of more than 4300 digits
        raise SiteFileError((SiteFault(1, "TOML", "a number is too long"),)) from None
    faults: Faults = []
    site = _site(tree, index, faults)
    if site is None or faults:
        found = {SiteFault(line_of(index, path), written(path), why) for path, why in faults}
        raise SiteFileError(tuple(sorted(found)))
    return site


def _syntax(message: str, text: str) -> SiteFault:
    """Turn the parser's "... (at line 3, column 5)" into a fault; it names keys, never values."""
    reason, _, place = message.rpartition(" (at ")
    found = re.match("line ([0-9]+)", place)
    return SiteFault(int(found[1]) if found else text.count("\n") + 1, "TOML", reason)


def _site(tree: Mapping[str, object], index: Mapping[Path, int], faults: Faults) -> SiteFile | None:
    top = read_table(tree, SITE, (), faults)
    parts = _Parts(faults)
    laboratory = tree.get("laboratory") is True
    for name, table in _tables(tree, "acquirers", faults):
        parts.add_acquirer(name, table)
    for mid, table in _tables(tree, "merchants", faults):
        parts.add_merchant(mid, table)
    parts.check_routes(_names(tree, "acquirers"))
    if not laboratory:
        parts.refuse_clear_keys()
    if top is None:
        return None
    return SiteFile(
        laboratory=laboratory,
        zone=_text(top["zone"]),
        cutoff=_as(time, top["cutoff"]),
        merchants=parts.merchants,
        terminals=parts.terminals,
        acquirers=parts.acquirers,
        routes=parts.routes,
        lines=index,
        downloads=downloads(top),
    )


class _Parts:
    """The parties as they are read, one table after another; faults are added as they are met."""

    def __init__(self, faults: Faults) -> None:
        self.merchants: dict[str, Merchant] = {}
        self.terminals: dict[tuple[str, str], SiteTerminal] = {}
        self.acquirers: dict[str, SiteAcquirer] = {}
        self.routes: dict[str, tuple[Route, ...]] = {}
        self._faults = faults
        self._clear: list[Path] = []

    def add_acquirer(self, name: str, table: object) -> None:
        path: Path = ("acquirers", name)
        if not _NAME.fullmatch(name):
            self._faults.append((path, "a name of a-z, 0-9 and -, up to 32, expected"))
        found = read_table(table, ACQUIRER, path, self._faults)
        if found is None:
            return
        host, port = _as(tuple, found["address"])
        self._note_clear(path, found)
        timeout_s = found["host_timeout_s"]
        acquirer = Acquirer(
            name=name,
            institution=_text(found["institution"]),
            format=_text(found["format"]),
            framing=_text(found["framing"]),
            host=_text(host),
            port=_as(int, port),
            active=_as(bool, found["active"]),
            zpk=None,
            zak=None,
            mac_method=_text(found["mac"]),
            pin_format=_as(int, found["pin_format"]),
            reversal_mti=_text(found["reversal"]),
            accepts=_as(frozenset, found["accepts"]),
            host_timeout_s=None if timeout_s is None else _as(float, timeout_s),
            echo_s=_as(float, found["echo_s"]),
            in_flight_max=_as(int, found["in_flight_max"]),
            request_life_s=_as(float, found["request_life_s"]),
            completion_percent=_as(int, found["completion_percent"]),
            hold_days=_as(int, found["hold_days"]),
            takes_scripts=_as(bool, found["takes_scripts"]),
            order_s=_as(float, found["order_s"]),
            reconciles=_text(found["reconciles"]),
        )
        keys = (_key(found[key]) for key in ("zpk", "zak", "zmk"))
        self.acquirers[name] = SiteAcquirer(acquirer, *keys)

    def add_merchant(self, mid: str, table: object) -> None:
        path: Path = ("merchants", mid)
        if not _MID.fullmatch(mid):
            self._faults.append((path, "a merchant is named by 15 letters or digits"))
        found = read_table(table, MERCHANT, path, self._faults)
        if isinstance(table, dict):
            for tid, terminal in _tables(table, "terminals", self._faults, path):
                self._add_terminal(mid, tid, terminal)
            self._add_routes(mid, table.get("routes", []))
        if found is None:
            return
        self.merchants[mid] = Merchant(
            mid=mid,
            name=_text(found["name"]),
            mcc=_text(found["mcc"]),
            city=_text(found["city"]),
            country=_text(found["country"]),
            currency=_text(found["currency"]),
            active=_as(bool, found["active"]),
            tip_percent=_as(int, found["tip_percent"]),
            strict_chip=_as(bool, found["strict_chip"]),
            rules=_as(Rules, found["rules"]),
        )

    def _add_routes(self, mid: str, array: object) -> None:
        path: Path = ("merchants", mid, "routes")
        if not isinstance(array, list) or len(array) > _ROUTES_MAX:
            self._faults.append((path, f"a list of up to {_ROUTES_MAX} routes expected"))
            return
        routes: list[Route] = []
        for number, table in enumerate(array):
            found = read_table(table, ROUTE, (*path, number), self._faults)
            if found is None:
                continue
            name = _text(found["acquirer"])
            if any(route.acquirer == name for route in routes):
                self._faults.append(((*path, number), f"a second route to {name}"))
            schemes = _as(frozenset, found["schemes"])
            routes.append(Route(mid, name, _as(int, found["priority"]), schemes))
        self.routes[mid] = tuple(routes)

    def _add_terminal(self, mid: str, tid: str, table: object) -> None:
        path: Path = ("merchants", mid, "terminals", tid)
        if not _TID.fullmatch(tid):
            self._faults.append((path, "a terminal is named by 8 letters or digits"))
        found = read_table(table, TERMINAL, path, self._faults)
        if found is None:
            return
        if (found["pik"] is None) != (found["mak"] is None):
            self._faults.append((path, "pik and mak are given together or not at all"))
        self._note_clear(path, found)
        if found["format"] == "nii-bcd":  # its messages carry no MAC
            self._clear.append((*path, "format"))
        batch = found["batch"]
        tmk = _key(found["tmk"])
        assert tmk is not None, "the row has a default"
        self.terminals[mid, tid] = SiteTerminal(
            mid=mid,
            tid=tid,
            active=_as(bool, found["active"]),
            format=_text(found["format"]),
            framing=_text(found["framing"]),
            mac=_text(found["mac"]),
            layout=_text(found["layout"]),
            tmk=tmk,
            pik=_key(found["pik"]),
            mak=_key(found["mak"]),
            batch=None if batch is None else _text(batch),
        )

    def check_routes(self, acquirers: frozenset[str]) -> None:
        """Find routes that lead nowhere; `acquirers` are the names in the file, faulty or not."""
        for mid, routes in self.routes.items():
            for number, route in enumerate(routes):
                if route.acquirer not in acquirers:
                    path = ("merchants", mid, "routes", number, "acquirer")
                    self._faults.append((path, "no such acquirer in this file"))
            if not routes and mid in self.merchants and self.merchants[mid].active:
                self._faults.append((("merchants", mid), "an active merchant needs a route"))

    def refuse_clear_keys(self) -> None:
        """Refuse every clear key: without ``laboratory = true`` none may stand in a file."""
        reason = "for the laboratory only (laboratory = true): clear keys, dialects without MAC"
        self._faults.extend((path, reason) for path in self._clear)

    def _note_clear(self, path: Path, found: Mapping[str, object]) -> None:
        for name, value in found.items():
            if isinstance(value, ClearKey):
                self._clear.append((*path, name))


def _tables(
    tree: Mapping[str, object], name: str, faults: Faults, path: Path = ()
) -> Iterable[tuple[str, object]]:
    tables = tree.get(name, {})
    if isinstance(tables, dict):
        return tables.items()
    faults.append(((*path, name), "tables by name expected"))
    return ()


def _names(tree: Mapping[str, object], name: str) -> frozenset[str]:
    tables = tree.get(name)
    return frozenset(tables) if isinstance(tables, dict) else frozenset()


T = TypeVar("T")


def _as(kind: type[T], value: object) -> T:
    """Tell the type checker what the row's check has made of the value."""
    assert isinstance(value, kind)
    return value


def _text(value: object) -> str:
    return _as(str, value)


def _key(value: object) -> KeySource | None:
    assert value is None or isinstance(value, KeySource)
    return value
