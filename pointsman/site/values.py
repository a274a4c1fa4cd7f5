"""What a site file says, as values: parties with their keys still as they were written.

Also what is wrong with a file, told by line. How the text is read is in file.py; the keys' own
types, which never show a clear key, are in keys.py; the parties as stored are in store/parties.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from pointsman.site.keys import KeySource
from pointsman.site.lines import Path, line_of
from pointsman.store.parties import NO_DOWNLOADS, Acquirer, Downloads, Merchant, Route


@dataclass(frozen=True, slots=True, order=True)
class SiteFault:
    """One thing that is wrong with a site file; `path` is the key as it would be written."""

    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path}: {self.reason}" if self.path else self.reason


class SiteFileError(ValueError):
    """A site file that cannot be used, with all that is wrong with it, by line."""

    def __init__(self, faults: tuple[SiteFault, ...]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class SiteTerminal:
    """One terminal of the file; `pik` and `mak` come together or not at all."""

    mid: str
    tid: str
    active: bool
    format: str
    framing: str
    mac: str
    layout: str
    tmk: KeySource
    pik: KeySource | None
    mak: KeySource | None
    batch: str | None


@dataclass(frozen=True, slots=True)
class SiteAcquirer:
    """One acquirer of the file; the keys of `acquirer` are None until the HSM has made blocks."""

    acquirer: Acquirer
    zpk: KeySource | None
    zak: KeySource | None
    zmk: KeySource | None = None


@dataclass(frozen=True, slots=True)
class SiteFile:
    """Everything that a site file says."""

    laboratory: bool
    zone: str
    cutoff: time
    merchants: Mapping[str, Merchant]
    terminals: Mapping[tuple[str, str], SiteTerminal]
    acquirers: Mapping[str, SiteAcquirer]
    routes: Mapping[str, tuple[Route, ...]]
    lines: Mapping[Path, int] = field(repr=False)
    downloads: Downloads = NO_DOWNLOADS

    def fault(self, path: Path, reason: str) -> SiteFault:
        """Return a fault that was found later, at the line of its key."""
        return SiteFault(line_of(self.lines, path), written(path), reason)


def written(path: Path) -> str:
    """Return a path as a person would write it: ``merchants.X.routes[0].acquirer``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
