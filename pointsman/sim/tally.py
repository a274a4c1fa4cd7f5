"""What simulated terminals have done so far, counted: flows, codes, reversals, answer times.

A core: counters and the two values that are shown. The truth for the audit is the ledger, not this.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import msgspec

from pointsman.sim.cards import CARDS, mask
from pointsman.sim.device import Device
from pointsman.sim.flow_names import Flow
from pointsman.sim.pos_answers import APPROVALS
from pointsman.sim.terminal_rows import Asked

TIMES_MAX: Final = 100_000  # answer times kept for the percentiles


class Done(msgspec.Struct, frozen=True, tag_field="event", tag="done"):
    """One finished transaction as it is shown; the card is masked, ``code`` empty on silence."""

    flow: str
    mid: str
    tid: str
    stan: str
    amount_minor: int
    card: str
    code: str
    approved: bool
    elapsed_ms: int

    @staticmethod
    def of(flow: Flow, device: Device, asked: Asked | None, code: str, elapsed_ms: int) -> "Done":
        """Return the value for a request, or for a management message where ``asked`` is None."""
        mid, tid = device.mid, device.tid
        if asked is None:
            return Done(flow, mid, tid, "", 0, "", code, code in APPROVALS, elapsed_ms)
        card = CARDS[asked.card].masked if asked.card else mask(asked.payment_code)
        approved = code in APPROVALS
        amount = asked.amount_minor
        return Done(flow, mid, tid, asked.stan, amount, card, code, approved, elapsed_ms)


class Summary(msgspec.Struct, frozen=True, tag_field="event", tag="summary"):
    """All counts at one moment; answer times in milliseconds."""

    transactions: int
    approved: int
    declined: int
    unanswered: int
    reversals: int
    owed: int  # reversals and undecided refunds that are still open
    in_flight: int
    unsettled: int  # terminals that have yet to close the batch they were told to close
    repeats: int
    repeats_wrong: int
    settlements: int
    settlements_unequal: int
    by_flow: dict[str, dict[str, int]]
    by_code: dict[str, int]
    answer_p50_ms: int
    answer_p99_ms: int


@dataclass(slots=True)
class Tally:
    """Counters of one process of terminals."""

    by_flow: dict[str, Counter[str]] = field(default_factory=dict)
    by_code: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    times_ms: list[int] = field(default_factory=list)

    def done(self, done: Done) -> None:
        """Count one finished transaction."""
        word = "approved" if done.approved else "declined" if done.code else "unanswered"
        self.by_flow.setdefault(done.flow, Counter())[word] += 1
        self.by_code[done.code or "none"] += 1
        self.counts[word] += 1
        if len(self.times_ms) < TIMES_MAX:
            self.times_ms.append(done.elapsed_ms)

    def reversal(self, attempt: int, code: str, *, settled: bool) -> None:
        """Count one attempt of a terminal's reversal."""
        self.counts["reversals"] += settled
        self.counts["reversals_tried_again"] += attempt > 1
        self.by_code[f"0400 {code or 'none'}"] += 1

    def repeat(self, *, same: bool) -> None:
        """Count one deliberate second copy."""
        self.counts["repeats"] += 1
        self.counts["repeats_wrong"] += not same

    def settlement(self, results: str) -> None:
        """Count one closed batch."""
        self.counts["settlements"] += 1
        self.counts["settlements_unequal"] += results != "11"

    def summary(self, *, owed: int, in_flight: int, unsettled: int) -> Summary:
        """Return all counts, with what only the terminals know."""
        times = sorted(self.times_ms) or [0]
        c = self.counts
        return Summary(
            transactions=c["approved"] + c["declined"] + c["unanswered"],
            approved=c["approved"],
            declined=c["declined"],
            unanswered=c["unanswered"],
            reversals=c["reversals"],
            owed=owed,
            in_flight=in_flight,
            unsettled=unsettled,
            repeats=c["repeats"],
            repeats_wrong=c["repeats_wrong"],
            settlements=c["settlements"],
            settlements_unequal=c["settlements_unequal"],
            by_flow={flow: dict(words) for flow, words in sorted(self.by_flow.items())},
            by_code=dict(sorted(self.by_code.items())),
            answer_p50_ms=times[len(times) // 2],
            answer_p99_ms=times[len(times) * 99 // 100],
        )
