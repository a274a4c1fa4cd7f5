"""Approvals that nobody took are reversed at their deadline, and no others."""

from pointsman.switch import untaken
from pointsman.switch.untaken import WAITING_MAX, Untaken


def test_what_nobody_took_is_reversed_at_its_deadline_once() -> None:
    owed: list[tuple[bytes, str]] = []
    waiting = Untaken(lambda one, reason: owed.append((one, reason)))
    waiting.wait(b"one", 45.0)
    waiting.wait(b"two", 45.0)
    waiting.taken(b"two")
    waiting.taken(b"three")
    waiting.sweep(44.9)
    assert owed == []
    waiting.sweep(45.0)
    waiting.sweep(99.0)
    assert owed == [(b"one", untaken.REASON)]


def test_beyond_the_limit_an_approval_is_reversed_at_once() -> None:
    owed: list[bytes] = []
    waiting = Untaken(lambda one, _reason: owed.append(one))
    for number in range(WAITING_MAX + 2):
        waiting.wait(number.to_bytes(4, "big"), 45.0)
    assert owed == [number.to_bytes(4, "big") for number in (WAITING_MAX, WAITING_MAX + 1)]
