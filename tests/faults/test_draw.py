"""No kind of fault stays rare: each lies in its theme's deck, and a seed deals the same again."""

import random
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from pointsman.sim.demo import Look
from tests.faults.draw import JUMPS_S, LINES, Drawer, Theme
from tests.faults.houses import Standby

MANY = 300


def starts_nothing(argv: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    raise AssertionError(argv)


def dealt(theme: Theme, number: int, seed: int = 7) -> Counter[str]:
    other = Standby(Look(Path("second")), starts_nothing)
    drawer = Drawer(theme, random.Random(seed), Path("disk"), Path("clock"), other)
    return Counter(drawer.next().kind for _ in range(number))


@pytest.mark.parametrize("theme", list(Theme))
def test_a_seed_deals_the_same_faults_again(theme: Theme) -> None:
    assert dealt(theme, MANY) == dealt(theme, MANY)
    assert dealt(theme, MANY).total() == MANY


def test_every_fault_of_a_line_comes_once_before_any_comes_again() -> None:
    once = dealt(Theme.LINES, len(LINES))
    assert once == {f"line: {name}": 1 for name, _, _ in LINES}


def test_every_jump_of_both_clocks_is_in_the_deck() -> None:
    jumps = {kind: n for kind, n in dealt(Theme.CLOCK, 20).items() if kind.startswith("clock")}
    assert len(jumps) == 2 * len(JUMPS_S)
    assert set(jumps.values()) == {1}


def test_each_process_the_house_and_long_pauses_are_in_the_deck_of_pauses() -> None:
    words = ("hsm", "postgres", "clerk", "supervisor", "house", "worker", "acquirer")
    pauses = dealt(Theme.PAUSES, 11)
    assert {f"pause {word}" for word in words} < pauses.keys()
    assert pauses["pause worker past its lease"] == 2
    assert pauses["pause, half a minute and longer"] == 1


def test_mixed_blocks_draw_from_every_deck_that_needs_no_preparation() -> None:
    kinds = dealt(Theme.MIXED, MANY)
    for word in ("kill -9 worker", "line: delay", "pause hsm", "restart postgres fast"):
        assert kinds[word] > 0
    assert kinds["pause, half a minute and longer"] == 0
    assert kinds["disk full"] == 0


def test_a_house_is_killed_stopped_and_paused_in_turn() -> None:
    ends = dealt(Theme.HOUSES, 3)
    assert ends == {
        f"{end} of a house, another takes over": 1 for end in ("kill -9", "stop", "pause")
    }
