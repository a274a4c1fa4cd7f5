"""Results that come one by one and are waited for together.

A shell of one event: the journal gives each payment's result by a callback, in any order; a window
of the history goes on when it has them all.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import trio

_T = TypeVar("_T")


class Gathered(Generic[_T]):
    """Results that come one by one, each to its place; `whole` is set by the last."""

    def __init__(self, count: int) -> None:
        self.found: dict[int, _T] = {}
        self.whole = trio.Event()
        self._count = count

    def at(self, place: int) -> Callable[[_T], None]:
        """Return what takes the result of one place."""

        def take(result: _T) -> None:
            self.found[place] = result
            if len(self.found) == self._count:
                self.whole.set()

        return take
