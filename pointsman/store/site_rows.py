"""The site as rows: what an import reads of the database and what it writes back in one commit.

Values, and the verbs `SiteStore` that parties_sql.py implements. What a site file may say and how a
plan is made of it is in pointsman/site.py; the same parties as the switch reads them are in
parties.py. Keys are key blocks with their check value; never clear.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Protocol

from pointsman.store.parties import NO_DOWNLOADS, Acquirer, Downloads, Merchant, Route


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key: its key block and its check value (hex, 6 digits), by which a change is seen."""

    block: bytes
    check_value: str


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Working keys that a laboratory site file fixes; stored as the current key set, signed in."""

    tpk: StoredKey
    tak: StoredKey


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """A terminal as the site file knows it.

    In a change, `tmk` None keeps the stored key, `fixed` None leaves key sets and sign-in alone and
    `batch` None leaves the batch alone (a new terminal begins with 000001).
    """

    mid: str
    tid: str
    active: bool
    format: str
    framing: str
    mac_method: str
    key_layout: str
    tmk: StoredKey | None = None
    fixed: FixedKeys | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class AcquirerRow:
    """An acquirer with the check values of its keys (empty: no such key)."""

    acquirer: Acquirer
    zpk_check_value: str = ""
    zak_check_value: str = ""
    zmk_check_value: str = ""


@dataclass(frozen=True, slots=True)
class OwnParties:
    """Parties that the back office made and no site file names: an import leaves them alone."""

    merchants: frozenset[str] = frozenset()
    terminals: frozenset[tuple[str, str]] = frozenset()


NO_PARTIES = OwnParties()


@dataclass(frozen=True, slots=True)
class StoredSite:
    """The whole site as it is stored; `version` grows with each change, 0 is an empty database."""

    version: int = 0
    zone: str = "Asia/Shanghai"
    cutoff: time = time(0, 0)
    downloads: Downloads = NO_DOWNLOADS
    merchants: Mapping[str, Merchant] = field(default_factory=dict)
    terminals: Mapping[tuple[str, str], TerminalRow] = field(default_factory=dict)  # by (MID, TID)
    acquirers: Mapping[str, AcquirerRow] = field(default_factory=dict)
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)  # by MID
    own: OwnParties = NO_PARTIES  # made in the back office


@dataclass(frozen=True, slots=True)
class SiteChange:
    """Rows to insert or overwrite; a party that is taken away is overwritten with active False.

    `routes` holds, for each MID that is named, all its routes: they replace what was there.
    """

    zone: str
    cutoff: time
    merchants: tuple[Merchant, ...] = ()
    terminals: tuple[TerminalRow, ...] = ()
    acquirers: tuple[AcquirerRow, ...] = ()
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)
    downloads: Downloads = NO_DOWNLOADS
    named: OwnParties = NO_PARTIES  # of the back office until now, and the file's from now on


class SiteStore(Protocol):
    """Reading and changing the site. Raises `StoreUnavailableError` when the database is away."""

    async def stored_site(self) -> StoredSite:
        """Return everything, also what is not active, from one snapshot."""

    async def apply_site(self, change: SiteChange, expected_version: int) -> int | None:
        """Write the change and the next version in one transaction; return that version.

        None, and nothing written, when the stored version is not `expected_version`.
        """
