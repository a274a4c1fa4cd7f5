"""What an import would change: the file against the stored site, counted, named and sealed.

`key_needs` lists the keys that the HSM must be asked about; `make_plan` compares. The token seals
one plan: the same file against the same stored version gives it again, anything else does not.
How two rows are compared is in compare.py.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pointsman.site.compare import Compared, Counts, check_values, compare
from pointsman.site.keys import GeneratedKey, KeySource
from pointsman.site.lines import Path
from pointsman.site.values import SiteFile
from pointsman.store.parties import Route
from pointsman.store.site_rows import (
    NO_PARTIES,
    AcquirerRow,
    FixedKeys,
    OwnParties,
    SiteChange,
    StoredKey,
    StoredSite,
    TerminalRow,
)

TerminalName = tuple[str, str]
"""MID and TID."""


@dataclass(frozen=True, slots=True)
class KeyNeed:
    """A key of the file that needs a block: where it stands, its use, and for which MAC method.

    `purpose` is TMK, PIK, MAK, ZPK or ZAK; what kind of key that is at the HSM, `method` decides.
    """

    path: Path
    purpose: str
    method: str
    source: KeySource
    owner: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change of one import. `generate` names the terminals whose key the HSM shall make."""

    token: str
    version: int
    counts: Mapping[str, Counts]
    details: tuple[str, ...]
    change: SiteChange
    generate: tuple[TerminalName, ...]

    @property
    def empty(self) -> bool:
        """Whether the stored site is what the file says already."""
        return not self.details


def key_needs(site: SiteFile) -> tuple[KeyNeed, ...]:
    """Return the keys that stand in the file, clear or as blocks, in the order of their paths."""
    needs: list[KeyNeed] = []
    for name, acquirer in site.acquirers.items():
        mac = acquirer.acquirer.mac_method
        zone = (("zpk", acquirer.zpk), ("zak", acquirer.zak), ("zmk", acquirer.zmk))
        for key, source in zone:
            if source is not None:
                path: Path = ("acquirers", name, key)
                needs.append(KeyNeed(path, key.upper(), mac, source, name))
    for (mid, tid), terminal in site.terminals.items():
        base: Path = ("merchants", mid, "terminals", tid)
        sources = (("tmk", terminal.tmk), ("pik", terminal.pik), ("mak", terminal.mak))
        for key, source in sources:
            if source is not None and not isinstance(source, GeneratedKey):
                needs.append(
                    KeyNeed((*base, key), key.upper(), terminal.mac, source, f"{mid}/{tid}")
                )
    return tuple(needs)


def make_plan(
    site: SiteFile,
    made: Mapping[Path, StoredKey],
    stored: StoredSite,
    file_digest: bytes,
    *,
    remove: bool = False,
) -> Plan:
    """Compare the file with the stored site.

    `made` holds a block and check value for each of `key_needs`, but for keys to be generated. What
    the back office made and the file does not name stays, unless `remove` takes it out of use.
    """
    own = NO_PARTIES if remove else stored.own
    named = OwnParties(
        stored.own.merchants & site.merchants.keys(), stored.own.terminals & site.terminals.keys()
    )
    merchants = compare(
        stored.merchants, site.merchants, lambda old: replace(old, active=False), own.merchants
    )
    acquirers = compare(
        stored.acquirers,
        {name: _acquirer(site, name, made, stored) for name in site.acquirers},
        lambda old: replace(old, acquirer=replace(old.acquirer, active=False)),
    )
    terminals = compare(
        stored.terminals,
        {name: _terminal(site, name, made, stored) for name in site.terminals},
        lambda old: replace(old, active=False),
        own.terminals,
    )
    routes = compare(
        {mid: _ordered(found) for mid, found in stored.routes.items() if found},
        {mid: _ordered(found) for mid, found in site.routes.items() if found},
        lambda _old: (),
        own.merchants,
    )
    compared: dict[str, Compared[Any, Any]] = {
        "acquirers": acquirers,
        "merchants": merchants,
        "routes": routes,
        "terminals": terminals,
    }  # Any: only counts and details are asked of these, not rows
    details = [f"{kind}: {detail}" for kind, found in compared.items() for detail in found.details]
    details += [f"merchants: taken over {mid}" for mid in sorted(named.merchants)]
    details += [f"terminals: taken over {mid}/{tid}" for mid, tid in sorted(named.terminals)]
    if (stored.zone, stored.cutoff) != (site.zone, site.cutoff):
        details.append("day: changed (zone, cutoff)")
    if stored.downloads != site.downloads:
        details.append("downloads: changed")
    return Plan(
        token=_token(file_digest + bytes([remove]), stored.version, made),
        version=stored.version,
        counts={kind: found.counts for kind, found in compared.items()},
        details=tuple(details),
        change=SiteChange(
            zone=site.zone,
            cutoff=site.cutoff,
            merchants=tuple(merchants.rows.values()),
            terminals=tuple(_written(row, stored) for row in terminals.rows.values()),
            acquirers=tuple(acquirers.rows.values()),
            routes=routes.rows,
            downloads=site.downloads,
            named=named,
        ),
        generate=tuple(
            name
            for name, row in terminals.rows.items()
            if row.tmk is None and name in site.terminals
        ),
    )


def with_generated(plan: Plan, made: Mapping[TerminalName, StoredKey]) -> SiteChange:
    """Return the plan's change with the generated terminal keys put in."""
    terminals = tuple(
        replace(row, tmk=made[row.mid, row.tid]) if (row.mid, row.tid) in made else row
        for row in plan.change.terminals
    )
    return replace(plan.change, terminals=terminals)


def _ordered(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    return tuple(sorted(routes, key=lambda route: (route.priority, route.acquirer)))


def _acquirer(
    site: SiteFile, name: str, made: Mapping[Path, StoredKey], stored: StoredSite
) -> AcquirerRow:
    """Put the keys in: those of the file, or the stored ones where it names none or the same."""
    old = stored.acquirers.get(name)
    keys = {
        "zpk": StoredKey(old.acquirer.zpk or b"", old.zpk_check_value) if old else None,
        "zak": StoredKey(old.acquirer.zak or b"", old.zak_check_value) if old else None,
        "zmk": StoredKey(old.acquirer.zmk or b"", old.zmk_check_value) if old else None,
    }
    for key, kept in keys.items():
        new = made.get(("acquirers", name, key))
        if new is not None and check_values(new) != check_values(kept):
            keys[key] = new
    zpk, zak, zmk = keys["zpk"], keys["zak"], keys["zmk"]
    return AcquirerRow(
        replace(
            site.acquirers[name].acquirer,
            zpk=zpk.block or None if zpk else None,
            zak=zak.block or None if zak else None,
            zmk=zmk.block or None if zmk else None,
        ),
        zpk.check_value if zpk else "",
        zak.check_value if zak else "",
        zmk.check_value if zmk else "",
    )


def _terminal(
    site: SiteFile, name: TerminalName, made: Mapping[Path, StoredKey], stored: StoredSite
) -> TerminalRow:
    """Return the terminal as it shall be: keys that the file leaves open stay as they are."""
    old = stored.terminals.get(name)
    wanted = site.terminals[name]
    base: Path = ("merchants", wanted.mid, "terminals", wanted.tid)
    tpk, tak = made.get((*base, "pik")), made.get((*base, "mak"))
    return TerminalRow(
        mid=wanted.mid,
        tid=wanted.tid,
        active=wanted.active,
        format=wanted.format,
        framing=wanted.framing,
        mac_method=wanted.mac,
        key_layout=wanted.layout,
        tmk=made.get((*base, "tmk")) or (old.tmk if old else None),
        fixed=FixedKeys(tpk, tak) if tpk and tak else old.fixed if old else None,
        batch=wanted.batch,
    )


def _written(row: TerminalRow, stored: StoredSite) -> TerminalRow:
    """Return the row as it is written: keys that stay are left out, a batch is for a new one."""
    old = stored.terminals.get((row.mid, row.tid))
    if old is None:
        return row
    return replace(
        row,
        tmk=None if check_values(row.tmk) == check_values(old.tmk) else row.tmk,
        fixed=None if check_values(row.fixed) == check_values(old.fixed) else row.fixed,
        batch=None,
    )


def _token(file_digest: bytes, version: int, made: Mapping[Path, StoredKey]) -> str:
    """Seal file, version and keys; blocks are left out, since they differ each time."""
    seal = hashlib.sha256(file_digest + version.to_bytes(8, "big"))
    for path, key in sorted(made.items(), key=lambda item: str(item[0])):
        seal.update(f"{path}\0{key.check_value}\0".encode())
    return seal.hexdigest()[:16]
