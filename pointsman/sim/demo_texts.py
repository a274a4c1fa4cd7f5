"""What a demo writes for its house: settings, the site with the ports in use, its terminals.

A core: text in, text out. What is started with them is demo_world.py; the site as it ships is
demo_site.toml.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from pointsman.sim.terminal_options import Dialect

ABROAD: Final = "international"  # terminals that speak that dialect, and their door
CALM_HOURS: Final = range(1, 22)  # local hours that lie far from midnight


LIVE = '[console]\nmode = "demo"\n'
"""Of the live demo: what its console says on every page."""


def settings(
    workers: int,
    host_s: float,
    switch_s: float,
    terminal_s: float,
    retry_s: float,
    *,
    free_ports: bool,
    nii_port: int = 0,
) -> str:
    """Return pointsman.toml; with ``free_ports`` any port is taken and no metrics are served."""
    ports = f"[terminals]\nport = 0\nnii_port = {nii_port}\n[console]\nport = 0\n"
    ports += "[metrics]\nsupervisor = 0\nworkers = 0\nclerk = 0\n"
    return (
        "# Written by `pointsman demo` at each start.\n"
        f"{ports if free_ports else LIVE}[workers]\ncount = {workers}\n"
        f"[timers]\nhost_s = {host_s}\nswitch_s = {switch_s}\n"
        f"terminal_s = {terminal_s}\nreversal_retry_s = {retry_s}\n"
    )


def site_text(text: str, addresses: Mapping[str, str], lives: Mapping[str, float]) -> str:
    """Return a site's text with other addresses of acquirers, and a life of requests for some."""
    for found, used in addresses.items():
        life = f"\nrequest_life_s = {lives[found]}" if found in lives else ""
        text = text.replace(f'address = "{found}"', f'address = "{used}"{life}', 1)
    return text


def without_cutoff(text: str, cutoff: str, hour: int) -> str:
    """Return a site's text with a cut-off that no short run begun at this local hour meets.

    Such a run closes its day itself. Until noon a day is named for its beginning (journal.md), so
    both choices give a day that has begun.
    """
    calm = "00:00" if hour in CALM_HOURS else "12:00"
    return text.replace(f'cutoff = "{cutoff}"', f'cutoff = "{calm}"', 1)


def terminal_groups(
    merchants: Mapping[str, Any],  # as the site's file has them
    left_free: Collection[str],
) -> dict[str, list[dict[str, str]]]:
    """Return a site's terminals by the process that runs them: by their way to use connections.

    Those of the international dialect have a process of their own; TIDs in `left_free` have none.
    """
    groups: dict[str, list[dict[str, str]]] = {"stay": [], "per-message": []}
    for mid, merchant in merchants.items():
        for number, (tid, found) in enumerate(merchant["terminals"].items()):
            name, row = ("stay", "per-message")[number % 2], {"mid": mid, "tid": tid}
            if found.get("format") == Dialect.NII:  # has no master key
                name = ABROAD
                row |= {"pik": found["pik"]} if "pik" in found else {}
            else:
                row |= {"tmk": found["tmk"], "mac": found.get("mac", "cup-ecb")}
            if tid not in left_free:
                groups.setdefault(name, []).append(row)
    return groups
