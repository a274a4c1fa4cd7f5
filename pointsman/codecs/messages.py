"""Some bytes as messages: cut apart, each with the likeliest way to read it.

A core over guess.py and opening.py, for the command line and the API. What a message says is told
by explain.py.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pointsman.codecs.framing import FRAMINGS, get_framing
from pointsman.codecs.guess import Verdict, guess
from pointsman.codecs.opening import Opening, bare, open_framed, openings
from pointsman.codecs.spec import Spec

MESSAGES_MAX: Final = 10_000  # of one input
BARE: Final = "none"
"""In the place of a framing's name: the bytes are a message and nothing else."""


def verdicts(
    data: bytes, specs: Sequence[Spec], framing: str | None, *, messages_max: int = MESSAGES_MAX
) -> Iterator[tuple[bytes, Verdict]]:
    """Yield each message of ``data`` with what it is; what is behind a broken one is not read.

    Raises KeyError for a framing that there is not.
    """
    for _ in range(messages_max):
        verdict = guess(candidates(data, framing), specs)
        opening = verdict.best.opening
        yield data[: len(data) - len(opening.rest)], verdict
        if not opening.rest or opening.framing is None:
            return
        framing, data = opening.framing.name, opening.rest


def candidates(data: bytes, framing: str | None) -> list[Opening]:
    """Return the ways to frame ``data``: all, one by name, or none at all."""
    if framing is None:
        return [bare(data), *openings(data, FRAMINGS.values())]
    if framing == BARE:
        return [bare(data)]
    found = open_framed(data, get_framing(framing))
    return [found] if found else [bare(data), *openings(data, [get_framing(framing)])]
