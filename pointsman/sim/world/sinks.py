"""Where a run's log lines go, and the search for what must not be in them.

A shell over structlog: each event becomes a line in memory, nothing is printed. The canaries are
the published test cards, their tracks and the test keys in clear (P11).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import structlog

from pointsman.sim.cards import CARDS
from pointsman.sim.terminal_options import TEST_TMK

LINES_MAX = 200_000


@contextmanager
def captured() -> Iterator[list[str]]:
    """Collect what is logged inside."""
    lines: list[str] = []

    def keep(_logger: object, _method: str, event: Mapping[str, object]) -> str:
        if len(lines) < LINES_MAX:
            lines.append(repr(sorted(event.items())))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[keep],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        cache_logger_on_first_use=False,
    )
    try:
        yield lines
    finally:
        structlog.configure(**before)


def canaries() -> tuple[str, ...]:
    """Return what no sink may hold."""
    found = [TEST_TMK.hex(), TEST_TMK.hex().upper()]
    for card in CARDS.values():
        found += [card.pan, card.track2, card.pan.encode().hex(), card.pan.encode().hex().upper()]
    return tuple(found)


def hits(texts: Iterable[str]) -> int:
    """Count the texts in which a canary is."""
    searched = canaries()
    return sum(any(one in text for one in searched) for text in texts)
