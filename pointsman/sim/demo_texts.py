"""The two files a demo writes for its house: its settings, and the site with the ports in use.

A core: text in, text out. What is started with them is demo_world.py; the site as it ships is
demo_site.toml.
"""

from collections.abc import Mapping
from typing import Final

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
) -> str:
    """Return pointsman.toml; with ``free_ports`` any port is taken and no metrics are served."""
    ports = "[terminals]\nport = 0\n[metrics]\nsupervisor = 0\nworkers = 0\nclerk = 0\n"
    ports += "[console]\nport = 0\n"
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
