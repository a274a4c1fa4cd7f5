"""What must be true at each moment: asked as things happen, not at the end.

A core and a witness of its own: it hears what was committed, what acquirers received and what
terminals were told, in plain values. Order is what is judged here (P1, P5, P6, P7); sums and ends
are referee.py's. It imports nothing of the switch.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pointsman.sim.host_rows import (
    Effect,
    HostRequest,
    HostReversal,
    HostRow,
    HostTotals,
    Outcome,
    Work,
)
from pointsman.sim.terminal_rows import TerminalRow, Told
from pointsman.sim.world.known import (
    BACK_WITHIN_S,
    BY_CODE,
    JUST_S,
    ORDER,
    REFUSALS,
    HostKey,
    Known,
    RequestName,
    open_state,
)

VIOLATIONS_MAX: Final = 200


@dataclass(slots=True)
class Witness:
    """Hears everything; `violations` are (promise, what was seen)."""

    clock: Callable[[], float]
    is_alive: Callable[[int], bool]
    patience_s: float
    recovering: bool = False
    back_s: float = 0.0
    violations: list[tuple[str, str]] = field(default_factory=list)
    edges: Counter[str] = field(default_factory=Counter)
    rare: Counter[str] = field(default_factory=Counter)
    fault_states: Counter[str] = field(default_factory=Counter)
    open_states: Counter[str] = field(default_factory=Counter)
    by_host: dict[HostKey, Known] = field(default_factory=dict)
    by_id: dict[str, Known] = field(default_factory=dict)
    by_name: dict[RequestName, Known] = field(default_factory=dict)
    not_durable: set[str] = field(default_factory=set)
    _identities: dict[HostKey, str] = field(default_factory=dict)

    def violated(self, promise: str, what: str) -> None:
        """Note that a promise is broken."""
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append((promise, what))

    def struck(self, kind: str) -> None:
        """Hear of a fault: count it for each state in which some payment is just then."""
        for state, count in self.open_states.items():
            if count > 0:
                self.fault_states[f"{kind} x {state}"] += 1

    def died(self, lives: set[int]) -> None:
        """Hear of a worker's death; `lives` are its incarnations, the present one among them."""
        since = self.clock() - JUST_S
        just = [one for one in self.by_id.values() if one.moved_at > since]
        for known in just:
            ours = known.incarnation in lives and known.told_at is None
            if ours and (known.state, known.undo) == ("approved", "none"):
                self.rare["a worker died between outcome and answer"] += 1
            if ours and known.undo == "owed":
                self.rare["a worker died while a reversal was on the wire"] += 1

    def back_after(self, seconds: float) -> None:
        """Hear how long a worker that died took until it served again (P21)."""
        self.back_s = max(self.back_s, seconds)
        if seconds > BACK_WITHIN_S:
            self.violated("P21", f"a worker was away for {seconds:.0f} s")

    def committed(self, event: str, row: dict[str, object]) -> None:
        """Hear an event of the journal, with the row as it stands after it."""
        if "id" not in row:
            return
        id_ = str(row["id"])
        known = self.by_id.get(id_)
        state, undo = str(row["state"]), str(row["undo"])
        if known is None:
            known = self._arrived(id_, row)
        else:
            self._moved(known, event, state, undo)
        if event in REFUSALS:
            self.rare[REFUSALS[event]] += 1
        known.state, known.undo, known.moved_at = state, undo, self.clock()
        now = open_state(known)
        if now != known.counted:
            self.open_states[known.counted] -= 1
            self.open_states[now] += 1
            known.counted = now

    def intended(self, id_: str, result: str) -> None:
        """Hear what the journal told of an intent, at the moment it tells it."""
        if result == "Recorded" and id_ not in self.by_id:
            self.violated("P1", "an intent was told to be durable that is not")
        if result == "NotDurable":
            self.not_durable.add(id_)

    def concluded(self, id_: str, state: str) -> None:
        """Hear that the journal told an outcome to be durable."""
        known = self.by_id.get(id_)
        # What was unknown may have become known before its worker heard that it was noted.
        if known is None or state not in {known.state, "unknown"}:
            self.violated("P2", f"an outcome was told to be durable that is not: {state}")

    def _arrived(self, id_: str, row: dict[str, object]) -> Known:
        name = (str(row["mid"]), str(row["tid"]), str(row["batch"]), str(row["stan"]))
        known = Known(
            id=id_,
            name=name,
            kind=str(row["kind"]),
            state=str(row["state"]),
            undo=str(row["undo"]),
            incarnation=int(str(row["incarnation"])),
            since=self.clock(),
        )
        if name in self.by_name:
            self.violated("P5", f"two rows of one request key {name}")
        details = row["details"]
        assert isinstance(details, dict), "a row of the journal has details"
        key = (str(row["acquirer"]), f"{details['host_time']}-{details['host_stan']}")
        self.by_id[id_] = self.by_name[name] = known
        if details["host_stan"]:
            if key in self.by_host:
                self.violated("P5", f"host numbers given twice: {key}")
            self.by_host[key] = known
        self.edges[f"new -> {known.state}"] += 1
        return known

    def _moved(self, known: Known, event: str, state: str, undo: str) -> None:
        self.edges[f"{known.state}/{known.undo} -> {state}/{undo} ({event})"] += 1
        if event == "in-doubt" and self.recovering:
            young = self.clock() - known.since < self.patience_s
            if young and self.is_alive(known.incarnation):
                self.violated("P7", f"a living worker's {known.kind} was put in doubt")
            self.rare["recovered in doubt"] += 1
        if event == "in-doubt" and known.id in self.not_durable and not self.recovering:
            self.violated("P20", f"a {known.kind} is in doubt that was told not to be durable")
        if event == "outcome-untold":
            self.rare["reversal faster than the outcome"] += 1
        if event == "claimed":
            self.rare["a copy was told what another worker had"] += 1
        if event == "late-answer" and known.undo == "owed":
            self.rare["late answer while its reversal is owed"] += 1
        if event == "owed-parked":
            self.rare["a message was refused for good"] += 1
        if known.state in {"declined", "refused", "failed"} and state != known.state:
            self.violated("P3", f"a final state moved: {known.state} to {state}")

    def host_heard(self, acquirer: str, row: HostRow) -> None:
        """Hear what an acquirer received, before it answers."""
        if isinstance(row, HostRequest):
            self._host_request(acquirer, row)
        elif isinstance(row, HostReversal):
            self._host_reversal(acquirer, row)
        elif isinstance(row, HostTotals):
            self.rare["a date was reconciled"] += 1

    def _host_request(self, acquirer: str, row: HostRequest) -> None:
        if row.work is Work.QUERY:
            self._host_question(acquirer, row)
            return
        known = self.by_host.get((acquirer, row.key))
        if known is None:
            self.violated("P1", f"a {row.work} without a committed intent at {acquirer}")
            return
        if row.mti.endswith("0"):
            known.sent += 1
            if known.sent > 1:
                self.violated("P5", f"a {row.work} went out {known.sent} times")
        known.asks_customer |= row.waits
        if known.undo == "owed" and known.state == "sending":
            self.rare["reversal before the original arrived"] += 1
        if known.state == "unknown" and row.outcome == "approved":
            self.rare["approved at the host after we gave up"] += 1
        if row.outcome is Outcome.REFUSED and row.code == "12" and row.work is Work.SALE:
            self.rare["original after its reversal"] += 1

    def _host_question(self, acquirer: str, row: HostRequest) -> None:
        known = self.by_host.get((acquirer, row.original))
        is_paid = row.outcome is Outcome.APPROVED
        if known is not None and known.kind in BY_CODE and known.asks_customer:
            done = "confirmed" if is_paid else "had not confirmed"
            self.rare[f"a customer was asked, and {done}"] += 1
        elif known is None or known.kind != ORDER:
            self.violated("P1", f"a question about no order or code of ours at {acquirer}")
        elif is_paid:
            self.rare["an order was found to be paid"] += 1

    def _host_reversal(self, acquirer: str, row: HostReversal) -> None:
        known = self.by_host.get((acquirer, row.original))
        if known is None:
            self.violated("P8", f"a reversal of nothing we sent at {acquirer}")
            return
        if known.kind == ORDER:  # closed by messages of their own, until one is heard
            if row.effect is Effect.UNDONE and known.state == "approved":
                self.violated("P7", "an order was closed that is approved")
            self.rare[f"an order's closing: {row.effect}"] += 1
            return
        identity = self._identities.setdefault((acquirer, row.original), row.key)
        if identity != row.key:
            self.violated("P4", "a reversal has a second identity")
        if known.undo not in {"owed", "done", "parked"}:
            self.violated("P7", f"a reversal of {known.id} that owes none ({known.undo})")
        if row.effect is Effect.UNKNOWN:
            self.rare["reversal of what the host does not know"] += 1
        if row.effect is Effect.REPEAT:
            self.rare["reversal repeated"] += 1

    def told(self, row: TerminalRow) -> None:
        """Hear what a terminal wrote down."""
        if not isinstance(row, Told):
            return
        name = (row.mid, row.tid, row.batch, row.stan)
        known = self.by_name.get(name)
        if known is not None:
            known.told_at = self.clock()
        if not row.approved:
            return
        if known is None:
            self.violated("P2", "an approval of which the journal has nothing")
        elif known.state != "approved":
            self.violated("P6", f"an approval was told of a {known.kind} that is {known.state}")
