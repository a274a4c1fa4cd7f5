"""Runs one async function on a mock clock, its tasks scheduled by a seed and by nothing else.

The one place that touches Trio's own hook for this (it serves Hypothesis and is not public): the
batch of ready tasks is sorted by age and shuffled by a seeded generator. Asserted at each start,
since a newer Trio may call it otherwise. A clock that sleeps for nobody makes hours cheap.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Final, TypeVar

import trio
from trio._core import _run as hook
from trio.testing import MockClock

from pointsman.store import journal
from pointsman.switch import acquirers, owed

T = TypeVar("T")
TICKS: Final = ((acquirers, "TICK_S", 0.25), (journal, "SWEEP_S", 0.25), (owed, "POLL_S", 0.5))
"""What is looked at by the clock, and how seldom in a run: most of a run is waiting for ticks."""


@contextmanager
def coarse_ticks() -> Iterator[None]:
    """Let timers be exact to a part of a second only."""
    before = [(module, name, getattr(module, name)) for module, name, _ in TICKS]
    for module, name, coarse_s in TICKS:
        setattr(module, name, max(getattr(module, name), coarse_s))
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def run_by_seed(main: Callable[[], Awaitable[T]], seed: str) -> T:
    """Run `main` to its end; the same seed gives the same order of tasks in any process."""
    flag, generator = "_ALLOW_DETERMINISTIC_SCHEDULING", "_r"
    assert isinstance(getattr(hook, flag, None), bool), "this Trio has no deterministic scheduling"
    assert isinstance(getattr(hook, generator, None), Random), "this Trio has no generator to seed"
    shuffles: Random = getattr(hook, generator)
    before, state = getattr(hook, flag), shuffles.getstate()
    setattr(hook, flag, True)
    shuffles.seed(seed)
    try:
        with coarse_ticks():
            return trio.run(main, clock=MockClock(autojump_threshold=0))
    finally:
        setattr(hook, flag, before)
        shuffles.setstate(state)
