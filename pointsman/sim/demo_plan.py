"""What a demo's world is made of: where its data lie, which site, its timers, its traffic.

Values only; the live demo, the smoke run and the fault runs each have their own. What is made of
them is demo_world.py, the files that it writes demo_texts.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SITE: Final = "demo_site.toml"
Detour = Callable[[str, int], int]
"""Takes an acquirer's name, or terminals', and its port; returns the port to be dialled.

Terminals' are "terminals" and, of the other dialect, "international".
"""


def _straight(_name: str, port: int) -> int:
    return port


@dataclass(frozen=True, slots=True)
class Plan:
    """What the world is made of; ports 0 mean any that is free."""

    data: Path
    seed: int
    free_ports: bool
    host_s: float
    switch_s: float
    terminal_s: float
    retry_s: float
    request_life_s: float
    rate: float
    lanes: int
    left_free: frozenset[str] = frozenset()  # TIDs that no simulator runs
    site: str = SITE
    workers: int = 2
    nii_port: int = 0  # for terminals of the international dialect; 0: none
    more: str = ""  # what is added to the site's text
    detour: Detour = _straight
