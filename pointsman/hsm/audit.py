"""The audit log's records and their chain: each line carries the HMAC over its predecessor's.

Only what is safe stands in a record: no key, component, card number or PIN block. Writing lines to
a file and reading them back is ``storage``; when something is recorded is ``engine``'s and
``keyservice``'s to say.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass

GENESIS = bytes(32)
REFUSALS_MAX_PER_S = 20  # refusals written to the log; a storm of them must not fill the disk


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One management act or refusal, as the engine tells it."""

    operation: str
    result: str
    reason: str = ""
    kind: str = ""
    kcv: str = ""
    owner: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event with its place in the log."""

    sequence: int
    time_s: int
    role: str
    uid: int
    event: AuditEvent

    def body(self) -> str:
        """Return the record's text, the same for the same record: what the chain covers."""
        event = self.event
        return json.dumps(
            {
                "n": self.sequence,
                "t": self.time_s,
                "role": self.role,
                "uid": self.uid,
                "operation": event.operation,
                "result": event.result,
                "reason": event.reason,
                "kind": event.kind,
                "kcv": event.kcv,
                "owner": event.owner,
                "person": event.person,
            },
            sort_keys=True,
            separators=(",", ":"),
        )


class Chain:
    """The running head of one log."""

    __slots__ = ("_key", "digest", "sequence")

    def __init__(self, key: bytes, sequence: int = 0, digest: bytes = GENESIS) -> None:
        self._key = key
        self.sequence = sequence
        self.digest = digest

    def line(self, time_s: int, role: str, uid: int, event: AuditEvent) -> str:
        """Return the next line of the log, without its newline, and move the head."""
        self.sequence += 1
        body = AuditRecord(self.sequence, time_s, role, uid, event).body()
        self.digest = link(self._key, self.digest, body)
        return f"{body}\t{self.digest.hex()}"


class RefusalLimit:
    """Lets so many refusals a second into the log and tells how many more there were."""

    __slots__ = ("_left_out", "_passed", "_second")

    def __init__(self) -> None:
        self._second, self._passed, self._left_out = 0, 0, 0

    def pass_on(self, now_s: int, event: AuditEvent) -> list[AuditEvent]:
        """Return what is to be written: the event, perhaps after a word about those left out."""
        told = []
        if now_s != self._second:
            if self._left_out:
                reason = f"{self._left_out} refusals were only counted"
                told.append(AuditEvent("audit", "refused", reason))
            self._second, self._passed, self._left_out = now_s, 0, 0
        if event.result == "refused":
            self._passed += 1
            if self._passed > REFUSALS_MAX_PER_S:
                self._left_out += 1
                return told
        return [*told, event]


def link(key: bytes, before: bytes, body: str) -> bytes:
    """Return h(n) = HMAC(key, h(n-1) || record)."""
    return hmac.digest(key, before + body.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class ChainResult:
    """What a walk over a log found; ``fault`` is empty when the chain holds."""

    records: int
    digest: bytes
    fault: str = ""


def verify(key: bytes, lines: Iterable[str], head: tuple[int, bytes] | None = None) -> ChainResult:
    """Walk a log; ``head`` is a (sequence, digest) that somebody kept and that must be in it."""
    digest, count, met = GENESIS, 0, head is None or head[0] == 0
    for line in lines:
        count += 1
        body, tab, told = line.rstrip("\n").partition("\t")
        if not tab:
            return ChainResult(count - 1, digest, f"record {count} is cut off")
        digest = link(key, digest, body)
        if not hmac.compare_digest(digest.hex(), told):
            return ChainResult(count - 1, digest, f"record {count} does not follow")
        if _sequence(body) != count:
            return ChainResult(count - 1, digest, f"record {count} has another number")
        if head is not None and head[0] == count:
            met = hmac.compare_digest(head[1], digest)
            if not met:
                return ChainResult(count, digest, f"record {count} is not the one that was kept")
    if not met:
        return ChainResult(count, digest, "the log ends before the head that was kept")
    return ChainResult(count, digest)


def _sequence(body: str) -> int:
    try:
        found = json.loads(body)
    except ValueError:
        return -1
    number = found.get("n") if isinstance(found, dict) else None
    return number if isinstance(number, int) else -1
