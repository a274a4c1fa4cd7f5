"""The clerk's look at the HSM: heads of its audit logs are kept, and ends of keys are shown.

A shell: it asks the HSM and the store. A log that was shortened or rewritten shows against a head
that somebody else keeps; the journal's own chains are anchored by clerk.py.
"""

from collections.abc import Sequence
from typing import Protocol

import trio

from pointsman import log
from pointsman.hsm.commands import Answer, AskHead, Describe, Described, Head, Request
from pointsman.metrics import ClerkMetrics
from pointsman.store.hsm_sql import Kept
from pointsman.store.parties import Directory

ASK_S = 5.0
OWN_BLOCK = b"D"  # first letter of a key block of ours; a hardware HSM tells no key's end
NO_ACQUIRER = "none"


class Hsm(Protocol):
    """What is asked of one HSM process; `HsmClient` is such."""

    async def ask(self, request: Request, deadline: float) -> Answer:
        """Ask and wait; raises HsmUnavailable."""


class Heads(Protocol):
    """Where heads are kept and terminals' keys stand; store/hsm_sql.py."""

    async def keep(self, machine: str, log: str, sequence: int, digest: bytes) -> Kept:
        """Keep a head, unless it is the one that was kept last."""

    async def first_end_of_tmks_s(self) -> int:
        """Return when the first master key of a terminal ends; 0 if none does."""


class HsmWatch:
    """Two jobs of the clerk, over every HSM process of this machine."""

    def __init__(
        self, hsms: Sequence[Hsm], heads: Heads, metrics: ClerkMetrics, *, machine: str
    ) -> None:
        self._hsms = hsms
        self._heads = heads
        self._metrics = metrics
        self._machine = machine
        self._shown: set[tuple[str, str]] = set()

    async def keep_heads(self) -> None:
        """Fetch the head of each process's log and keep it; a changed log is an alarm."""
        for hsm in self._hsms:
            match await hsm.ask(AskHead(), trio.current_time() + ASK_S):
                case Head(name, sequence, digest):
                    kept = await self._heads.keep(self._machine, name, sequence, digest)
                    if kept is Kept.CHANGED:
                        log.get().error("hsm_log_changed", name=name, records=sequence)
                case refused:
                    log.get().error("hsm_head_refused", reason=type(refused).__name__)

    async def show_ends(self, site: Directory) -> None:
        """Show when the first key of each kind and acquirer ends; nothing for keys without end."""
        ends: dict[tuple[str, str], int] = {}
        for name, acquirer in site.acquirers.items():
            for key in (acquirer.zpk, acquirer.zak):
                if key is None or key[:1] != OWN_BLOCK:
                    continue
                found = await self._hsms[0].ask(Describe(key), trio.current_time() + ASK_S)
                if isinstance(found, Described) and found.expires_s:
                    group = found.usage, name
                    ends[group] = min(found.expires_s, ends.get(group, found.expires_s))
        if end_s := await self._heads.first_end_of_tmks_s():
            ends["TMK", NO_ACQUIRER] = end_s
        for group, end_s in ends.items():
            self._metrics.key_expiry_timestamp.labels(*group).set(end_s)
        for group in self._shown - set(ends):
            self._metrics.key_expiry_timestamp.remove(*group)
        self._shown = set(ends)
