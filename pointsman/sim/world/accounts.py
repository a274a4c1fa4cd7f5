"""Money that follows money, and what settlement made of it: the second half of the judgement.

A core (P8 to P10, P24). What was reserved on an original is what stands on it; postings are whole,
each once, and come to what acquirers hold, by transaction, batch, day and in all; the files of a
day, read again as text, say the same. It reads the witnesses' plain rows alone (testimony.py).
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pointsman.sim.book import Book
from pointsman.sim.pos_types import Mark
from pointsman.sim.terminal_rows import Settled
from pointsman.sim.world.rules import COMPLETION_PERCENT, RULES
from pointsman.sim.world.testimony import JournalRow, Settlement

FollowUps = Mapping[str, Sequence[JournalRow]]


@dataclass(slots=True)
class Accounts:
    """Adds up and compares; `judge` returns (promise, what was seen)."""

    journal: Sequence[JournalRow]
    follow_ups: FollowUps
    books: Mapping[str, Book]
    settlement: Settlement
    settled: Sequence[Settled]
    violations: list[tuple[str, str]] = field(default_factory=list)

    def judge(self) -> list[tuple[str, str]]:
        """Return everything that is wrong."""
        for row in self.journal:
            self._follow_ups_agree(row, self.follow_ups.get(row.id, ()))
        self._postings_are_whole()
        self._postings_agree()
        self._batches_agree()
        self._files_agree()
        return self.violations

    def _violated(self, promise: str, what: str) -> None:
        self.violations.append((promise, what))

    def _follow_ups_agree(self, row: JournalRow, own: Sequence[JournalRow]) -> None:
        """Judge whether what is reserved on a row is what its follow-ups made of it."""
        standing = [one for one in own if one.stands]
        marked = {mark: [one for one in standing if _mark(one) is mark] for mark in Mark}
        voids, refunds = marked[Mark.VOIDS], marked[Mark.REFUNDS]
        refunded = sum(one.approved_minor for one in refunds)
        if len(voids) > 1 or (voids and refunded):
            self._violated("P8", f"a {row.kind} was voided twice, or voided and refunded")
        if refunded > row.approved_minor and refunds:
            self._violated("P8", "more was refunded than was approved")
        self._completions_agree(row, marked)
        if any(one.parked for one in own):
            return
        if (row.voiding == "done") is not bool(voids):
            self._violated("P8", f"a {row.kind}'s void is {row.voiding}, and {len(voids)} stand")
        if row.refunded_minor != refunded:
            self._violated("P8", "what is noted as refunded is not what was refunded")

    def _completions_agree(
        self, row: JournalRow, marked: Mapping[Mark, Sequence[JournalRow]]
    ) -> None:
        completed = [one for one in marked[Mark.COMPLETES] if one.voiding != "done"]
        held = row.approved_minor + sum(one.approved_minor for one in marked[Mark.EXTENDS])
        if len(completed) > 1 or (completed and marked[Mark.VOIDS]):
            self._violated("P8", "what was held was completed twice, or completed and cancelled")
        if any(one.approved_minor * 100 > held * COMPLETION_PERCENT for one in completed):
            self._violated("P8", "more was completed than was held")

    # -------------------------------------------------------------------------- settlement

    def _postings_are_whole(self) -> None:
        names = Counter((one.id, one.kind) for one in self.settlement.posted)
        known = {row.id: row for row in self.journal}
        if any(count > 1 for count in names.values()):
            self._violated("P10", "a transaction was posted twice")
        for one in self.settlement.posted:
            row = known.get(one.id)
            if type(one.signed_minor) is not int:
                self._violated("P9", "a posting is not a whole number of minor units")
            if row is None or one.currency != row.currency:
                self._violated("P9", "a posting of another currency, or of nothing")

    def _posted(self) -> Counter[str]:
        """Return what is posted of each transaction, its tips and adjustments with it."""
        sums: Counter[str] = Counter()
        of = {row.id: row.original for row in self.journal if _mark(row) is Mark.REPLACES}
        for one in self.settlement.posted:
            sums[of.get(one.id) or one.id] += one.signed_minor
        return sums

    def _postings_agree(self) -> None:
        """Settlement's postings are what the acquirers hold, each once."""
        sums = self._posted()
        doubtful = False
        for row in self.journal:
            rule = RULES[row.kind]
            doubtful |= row.parked and not rule.told_first
            if rule.mark is Mark.REPLACES or (row.parked and not rule.told_first):
                continue
            right = rule.sign * self._held_minor(row) if row.stands else 0
            if sums[row.id] != right:
                self._violated(
                    "P10", f"{row.id}: a {row.kind} is posted with {sums[row.id]}, not {right}"
                )
            if row.stands and row.parked and rule.sign and row.id not in self.settlement.open_ids:
                self._violated("P10", f"{row.id}: a refused {row.kind} is not an open item")
        held = sum(sum(book.settled().values()) for book in self.books.values())
        if not doubtful and sums.total() != held:
            self._violated("P24", f"postings {sums.total()}, acquirers {held}")

    def _held_minor(self, row: JournalRow) -> int:
        """Return what the acquirer holds of a transaction: nothing where it refused it."""
        book = self.books.get(row.acquirer)
        entry = None if book is None else book.entries.get(row.host_key)
        return entry.amount_minor if entry is not None and entry.live else 0

    def _batches_agree(self) -> None:
        """P9: each batch that a terminal closed was posted with what the terminal counted."""
        posted = self._posted()
        sums: Counter[tuple[str, str, str]] = Counter()
        doubtful: set[tuple[str, str, str]] = set()
        for row in self.journal:
            sums[row.name[:3]] += posted[row.id]
            if row.parked or row.decided:
                doubtful.add(row.name[:3])  # its terminal counted before people decided
        for one in self.settled:
            name = (one.mid, one.tid, one.batch)
            claimed = one.debit_minor - one.credit_minor
            if name not in doubtful and sums[name] != claimed:
                self._violated("P9", f"batch {name}: counted {claimed}, posted {sums[name]}")

    def _files_agree(self) -> None:
        """Judge whether every day's files, read as text, have its postings and no others."""
        if not self.settlement.files:
            return
        days: dict[str, Counter[tuple[str, str, str, str, int]]] = {}
        known = {row.id: row for row in self.journal}
        for one in self.settlement.posted:
            name = known[one.id].name
            days.setdefault(one.day, Counter())[*name, one.signed_minor] += 1
        for day in self.settlement.files.keys() | days.keys():
            lines = Counter(_lines(self.settlement.files.get(day, {})))
            if lines != days.get(day, Counter()):
                self._violated("P10", f"the files of {day} are not its postings")


def _mark(row: JournalRow) -> Mark:
    return RULES[row.kind].mark


def _lines(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, str, str, int]]:
    """Yield MID, TID, batch, STAN and signed minor units of every posting in a day's files."""
    for name, content in files.items():
        if not name.startswith("merchant-"):
            continue
        for line in csv.DictReader(content.decode().splitlines()):
            if line["record"] == "D":
                # Two decimals, as text: no float comes near.
                minor = int(line["amount"].replace(".", ""))
                yield line["merchant"], line["terminal"], line["batch"], line["stan"], minor
