"""What a terminal holds and what it waits for, by what it heard and did."""

import pytest

from pointsman.sim.terminal_rows import Asked, Entry, Kind, Told
from pointsman.sim.world.testimony import View

IDENTITY = ("2026-11-22T10:00:00", "898100053310001", "12345678", "000001", "000001")


def asked(kind: Kind) -> Asked:
    return Asked(*IDENTITY, kind.value, kind, next(iter(Entry)), 1000, "156")


def told(code: str) -> Told:
    return Told(*IDENTITY, code, code == "00", 1000)


@pytest.mark.parametrize(
    ("kind", "code", "undo_due", "undone", "holds", "waits"),
    [
        (Kind.SALE, None, False, False, False, True),  # no answer yet
        (Kind.SALE, "00", False, False, True, False),
        (Kind.SALE, "51", False, False, False, False),
        (Kind.SALE, "98", False, False, False, False),  # the switch undoes it
        (Kind.SALE, "00", True, False, False, True),  # the printer failed, the reversal is owed
        (Kind.SALE, None, True, True, False, False),
        (Kind.REFUND, "98", False, False, False, True),  # asked again until it is known
        (Kind.REFUND, "00", False, False, True, False),
    ],
)
def test_what_a_terminal_holds_and_waits_for(
    kind: Kind, code: str | None, *, undo_due: bool, undone: bool, holds: bool, waits: bool
) -> None:
    view = View(asked(kind), told(code) if code else None, undo_due, undone)
    assert (view.holds, view.waits) == (holds, waits)
