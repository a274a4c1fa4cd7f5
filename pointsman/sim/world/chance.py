"""All chance of a run: named streams from one seed, numbered fault decisions, the trace.

A draw in one stream does not shift another. Each decision that a fault strikes has a name (its kind
and its number of that kind), so that a run can be repeated with some of them left out. What a kind
does is said where it strikes; which rates a seed has, in plan.py.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random

Decision = tuple[str, int]
"""A kind of fault, and the how-manyth question about it."""


@dataclass(slots=True)
class Chance:
    """The streams of one seed."""

    seed: int

    def stream(self, name: str) -> Random:
        """Return a generator of its own for this name."""
        return Random(f"{self.seed}/{name}")


@dataclass(slots=True)
class Faults:
    """Decides for each kind of fault whether it strikes now.

    `rates` are chances by kind; a kind that is not there never strikes. With `only`, no decision
    strikes but those: the same run with less weather.
    """

    chance: Chance
    rates: Mapping[str, float]
    only: frozenset[Decision] | None = None
    healed: bool = False
    heard: Callable[[str], None] = lambda _kind: None
    struck: list[Decision] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter)
    _streams: dict[str, Random] = field(default_factory=dict)

    def strikes(self, kind: str) -> bool:
        """Ask once; a decision that strikes is noted with its number."""
        rate = self.rates.get(kind, 0.0)
        if rate <= 0 or self.healed:
            return False
        number = self._asked[kind] = self._asked[kind] + 1
        if self.stream(kind).random() >= rate:
            return False
        if self.only is not None and (kind, number) not in self.only:
            return False
        self.struck.append((kind, number))
        self.counts[kind] += 1
        self.heard(kind)
        return True

    def stream(self, kind: str) -> Random:
        """Return the stream that belongs to a kind: for its rate, and for how hard it strikes."""
        if kind not in self._streams:
            self._streams[kind] = self.chance.stream(f"fault {kind}")
        return self._streams[kind]


@dataclass(slots=True)
class Trace:
    """What happened, as one hash; the lines themselves are kept where somebody wants to read."""

    keep: bool = False
    lines: list[str] = field(default_factory=list)
    count: int = 0
    _hash: "sha256" = field(default_factory=sha256)  # type: ignore[valid-type]  # a factory in typeshed

    def note(self, at: float, what: str, *about: object) -> None:
        """Add one line; its values must be the same in every process."""
        line = f"{at:.6f} {what} {' '.join(map(str, about))}"
        self._hash.update(line.encode() + b"\n")  # type: ignore[attr-defined]  # see above
        self.count += 1
        if self.keep:
            self.lines.append(line)

    @property
    def hash(self) -> str:
        """The hash of everything so far."""
        return str(self._hash.hexdigest())  # type: ignore[attr-defined]  # see above
