"""Which framing and dialect some bytes are in, how sure that is, and what the next best would need.

Every framing that fits is tried with every dialect; a full decode, the same bytes on encoding again
and plausible values make points. Nothing is learnt: the points stand below. Showing the result is
explain.py's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pointsman.codecs.errors import EncodeError
from pointsman.codecs.opening import Opening
from pointsman.codecs.plausible import plausibility
from pointsman.codecs.spec import Spec
from pointsman.codecs.walk import Far, walk_far
from pointsman.codecs.write import walk_encode

POINTS_WHOLE: Final = 40  # decodes to its end
POINTS_SAME: Final = 20  # encodes to the same bytes again: pads and cases are right as well
POINTS_PLAUSIBLE: Final = 30  # type, dates, currency, chip data look like what they are
POINTS_FRAMING: Final = 6  # the framing this dialect usually has
POINTS_LENGTH: Final = 4  # a length that fits exactly
POINTS_FAULT: Final = -15  # a length that announces more than there is
POINTS_REACHED: Final = 20  # for a broken message: how far the decode came
POINTS_VARIANT: Final = -1  # a variant must do better than its base
POINTS_ASSUMED: Final = -1  # rows that no public message has confirmed
POINTS_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class Guess:
    """One candidate: a framing, a dialect, how far it decodes, and its points of 100."""

    opening: Opening
    spec: Spec
    far: Far
    points: float

    @property
    def whole(self) -> bool:
        """Whether the message decodes without a fault, its length included."""
        return self.far.error is None and self.opening.fault is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best guess, the best of another dialect, and how sure we are, in percent."""

    best: Guess
    next: Guess | None
    percent: int


def guess(candidates: Iterable[Opening], specs: Iterable[Spec]) -> Verdict:
    """Return the likeliest way to read the bytes; there must be a candidate and a dialect."""
    dialects = tuple(specs)
    found = [_judge(opening, spec) for opening in candidates for spec in dialects]
    found.sort(key=lambda one: -one.points)
    best = found[0]
    # A dialect that writes the fields of this message alike says nothing else: no rival.
    numbers = best.far.values
    others = (one for one in found if differing_rows(best.spec, one.spec, numbers))
    second = next(others, None)
    lead = best.points - second.points if second else best.points
    sure = min(best.points, POINTS_ALL) * (0.5 + min(max(lead, 0.0), 10) / 20)
    return Verdict(best, second, round(sure) if best.whole else round(sure / 2))


def _judge(opening: Opening, spec: Spec) -> Guess:
    body = opening.envelope.body
    far = walk_far(spec, body)
    points = 0.0
    if far.error is None:
        points += POINTS_WHOLE
        if _same(spec, far, body):
            points += POINTS_SAME
    else:
        points += POINTS_REACHED * far.error.offset / max(len(body), 1)
    points += POINTS_PLAUSIBLE * plausibility(spec, far)
    if opening.framing is not None:
        if opening.framing.name == spec.framing:
            points += POINTS_FRAMING
        if opening.has_length and not opening.fault:
            points += POINTS_LENGTH
    if opening.fault:
        points += POINTS_FAULT
    if spec.base:
        points += POINTS_VARIANT
    if spec.assumed:
        points += POINTS_ASSUMED
    return Guess(opening, spec, far, points)


def _same(spec: Spec, far: Far, body: bytes) -> bool:
    assert far.head is not None
    try:
        return walk_encode(spec, far.head.mti, far.values)[0] == body
    except EncodeError:
        return False


def differing_rows(one: Spec, other: Spec, numbers: Iterable[int]) -> tuple[int, ...]:
    """Return the fields that the two dialects write differently, names and classes aside."""

    def written(spec: Spec, number: int) -> object:
        row = spec.fields.get(number)
        return row and (row.kind, row.coding, row.size, row.prefix, row.pad)

    return tuple(n for n in numbers if written(one, n) != written(other, n))
