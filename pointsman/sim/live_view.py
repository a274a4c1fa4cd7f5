"""The demo's live view as text: what is remembered of events, and the screen made of it.

A core: events and looks go in, lines come out; card numbers arrive masked. Asking, waiting and
drawing is live.py.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from pointsman.money import Amount, currency
from pointsman.sim.tally import Done

LAST_SHOWN: Final = 10
LAST_SHOWN_MIN: Final = 3
WIDE: Final = 100  # columns that a transaction takes with its terminal and its time
TIMES_KEPT: Final = 500
RATE_WINDOW_S: Final = 5.0
CODE_WORDS: Final = {"00": "approved", "55": "wrong PIN", "51": "no funds", "98": "no answer"}


class Seen(msgspec.Struct, frozen=True):
    """One finished transaction and when it was seen; ``clock`` is text for a person."""

    at: float
    clock: str
    done: Done


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link of the house to an acquirer."""

    name: str
    up: bool
    signed_on: bool


@dataclass(slots=True)
class Screen:
    """What is known for the next drawing; one owner."""

    title: str
    addresses: Sequence[str]
    hint: str
    counts: Counter[str] = field(default_factory=Counter)
    last: deque[Seen] = field(default_factory=lambda: deque(maxlen=LAST_SHOWN))
    times_ms: deque[int] = field(default_factory=lambda: deque(maxlen=TIMES_KEPT))
    recent: deque[float] = field(default_factory=deque)
    links: Sequence[LinkLine] = ()
    owed: int | None = None
    processes: Sequence[tuple[str, str]] = ()
    state: str = "starting"
    now: str = ""
    """What happens at this time, for who looks on; empty for nothing of note."""

    def saw(self, seen: Seen) -> None:
        """Take one finished transaction."""
        done = seen.done
        word = "approved" if done.approved else "declined" if done.code else "unanswered"
        self.counts[word] += 1
        self.recent.append(seen.at)
        self.times_ms.append(done.elapsed_ms)
        if done.amount_minor:
            self.last.appendleft(seen)

    def rate(self, now: float) -> float:
        """Return transactions a second over the last five seconds."""
        while self.recent and self.recent[0] < now - RATE_WINDOW_S:
            self.recent.popleft()
        return len(self.recent) / RATE_WINDOW_S

    def lines(self, now: float, elapsed_s: int, width: int, height: int = 60) -> list[str]:
        """Return the screen: no line wider than ``width``, no more lines than ``height``.

        What is long goes on in the next line; the list of transactions gets the rows that are left.
        """
        minutes, seconds = divmod(elapsed_s, 60)
        counts = self.counts
        total = sum(counts.values())
        share = f"{100 * counts['approved'] // total} %" if total else "-"
        times = sorted(self.times_ms) or [0]
        half, high = times[len(times) // 2], times[len(times) * 99 // 100]
        owed = "?" if self.owed is None else str(self.owed)
        outcomes = (
            f"approved {counts['approved']} ({share})   declined {counts['declined']}"
            f"   unanswered {counts['unanswered']}"
        )
        above = [
            f"{self.title}   {self.state}   {minutes:02d}:{seconds:02d}   Ctrl-C stops it",
            "",
            f"  Rate        {self.rate(now):6.1f}/s    answers {half} ms (99 %: {high} ms)",
            f"  Done        {total:6d}      {outcomes}",
            f"  Owed        {owed:>6}      reversals and refunds not yet acknowledged",
            *([f"  Now         {self.now}"] if self.now else []),
            "",
            *_items("  Links       ", _links(self.links), width),
            *_items("  Processes   ", _processes(self.processes), width),
            "",
            "  Last transactions",
        ]
        words = (*self.addresses, self.hint)
        below = [
            "",
            *(line for text in words for line in _items("  ", text.split(" "), width, " ")),
        ]
        rows = min(LAST_SHOWN, max(LAST_SHOWN_MIN, height - len(above) - len(below)))
        last = [_last(seen, narrow=width < WIDE) for seen in self.last][:rows]
        made = [*above, *last, *[""] * (rows - len(last)), *below]
        return [line[:width] for line in made][:height]


def _items(label: str, items: Sequence[str], width: int, between: str = "   ") -> list[str]:
    """Return a label and items in as many lines as they need, the later ones indented."""
    lines, line = [], label
    for item in items:
        piece = item if line in {label, " " * len(label)} else between + item
        if line.strip() and len(line) + len(piece) > width:
            lines.append(line)
            line, piece = " " * len(label), item
        line += piece
    return [*lines, line]


def _links(links: Iterable[LinkLine]) -> list[str]:
    words = []
    for link in sorted(links, key=lambda one: one.name):
        state = "signed on" if link.signed_on else "connected" if link.up else "down"
        words.append(f"{link.name} {state}")
    return words or ["none yet"]


def _processes(processes: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name} {state}" for name, state in processes] or ["none yet"]


def _last(seen: Seen, *, narrow: bool) -> str:
    done = seen.done
    amount = str(Amount(done.amount_minor, currency("CNY")))
    code = done.code or "--"
    word = CODE_WORDS.get(done.code, "approved" if done.approved else "declined")
    if not done.code:
        word = "silence"
    if narrow:
        told = f"{code} {word:<10}".rstrip()
        return f"  {seen.clock}  {done.flow:<16} {amount:>14}  {done.card:<20} {told}"
    return (
        f"  {seen.clock}  {done.tid}  {done.flow:<16} {amount:>14}  {done.card:<20}"
        f" {code} {word:<10} {done.elapsed_ms:>5} ms"
    )
