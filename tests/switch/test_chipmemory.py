"""Chip data of answers: a short while, bounded, and never shown."""

from pointsman.switch import chipmemory
from pointsman.switch.chipmemory import KEPT_MAX, KEPT_S, ChipMemory

SCRIPT = "7209860784000000041122"


def test_what_was_kept_is_known_until_its_time_is_over() -> None:
    memory = ChipMemory()
    memory.keep(b"one", SCRIPT, 10.0)
    memory.keep(b"two", SCRIPT, 11.0)
    memory.keep(b"none", "", 12.0)
    assert (memory.of(b"one"), memory.of(b"none"), memory.of(b"three")) == (SCRIPT, "", "")
    memory.sweep(10.0 + KEPT_S)
    assert (memory.of(b"one"), memory.of(b"two")) == ("", SCRIPT)
    assert SCRIPT not in repr(memory)


def test_the_oldest_go_when_there_are_too_many() -> None:
    memory = ChipMemory()
    for number in range(KEPT_MAX + 1):
        memory.keep(number.to_bytes(4, "big"), SCRIPT, float(number))
    assert memory.of(bytes(4)) == ""
    assert memory.of(KEPT_MAX.to_bytes(4, "big")) == SCRIPT
    assert repr(memory) == f"ChipMemory({chipmemory.KEPT_MAX} answers)"
