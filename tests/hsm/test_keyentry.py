"""Entering a key by components: dual control, and its end."""

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.engine import REFUSED
from pointsman.hsm.keys import kcv, odd_parity
from pointsman.hsm.policy import Role
from pointsman.hsm.primitives import xor_bytes
from tests.hsm.laboratory import Laboratory


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


PARTS = (bytes(range(16)), bytes(range(16, 32)), b"\x5a" * 16)


def enter(lab: Laboratory, number: int, custodian: str, **more: object) -> c.Answer:
    values = {"usage": "ZMK", "of": 2, "clear_hex": PARTS[number - 1].hex(), "owner": "partner"}
    values |= more
    request = c.Component("entry", number=number, custodian=custodian, **values)  # type: ignore[arg-type]  # all above
    return lab.ask(request, Role.OPERATOR)


def test_two_custodians_make_a_key_that_nobody_saw(lab: Laboratory) -> None:
    first = enter(lab, 1, "ann")
    assert first == c.ComponentTaken(kcv(PARTS[0])[:3].hex().upper(), 1)
    second = enter(lab, 2, "bea")
    assert isinstance(second, c.ComponentTaken)
    assert second.missing == 0
    assert second.made is not None
    expected = odd_parity(xor_bytes(*PARTS[:2]))
    assert second.made.kcv == kcv(expected)[:3].hex().upper()
    assert [event.person for event in lab.events if event.operation == "Component"][:2] == [
        "ann",
        "bea",
    ]


@pytest.mark.parametrize(
    ("number", "custodian", "more"),
    [
        (2, "ann", {}),
        (1, "bea", {}),
        (3, "bea", {}),
        (2, "", {}),
        (2, "bea", {"usage": "TMK"}),
        (2, "bea", {"of": 3}),
        (2, "bea", {"owner": "other"}),
        (2, "bea", {"clear_hex": "00" * 24}),
        (2, "bea", {"clear_hex": "00" * 8}),
    ],
)
def test_component_that_breaks_dual_control_is_refused(
    lab: Laboratory, number: int, custodian: str, more: dict[str, object]
) -> None:
    enter(lab, 1, "ann")
    assert enter(lab, number, custodian, **more) == REFUSED


def test_entry_ends_after_a_quarter_of_an_hour(lab: Laboratory) -> None:
    enter(lab, 1, "ann")
    lab.now_s += 900
    answer = enter(lab, 2, "bea")
    assert isinstance(answer, c.ComponentTaken)
    assert answer.missing == 1


def test_one_component_alone_is_no_entry(lab: Laboratory) -> None:
    assert enter(lab, 1, "ann", of=1) == REFUSED
    assert enter(lab, 1, "ann", of=10) == REFUSED


def test_entries_are_bounded(lab: Laboratory) -> None:
    for number in range(8):
        request = c.Component(f"e{number}", "ZMK", "ann", 1, 2, PARTS[0].hex())
        assert isinstance(lab.ask(request, Role.OPERATOR), c.ComponentTaken)
    request = c.Component("e8", "ZMK", "ann", 1, 2, PARTS[0].hex())
    assert lab.ask(request, Role.OPERATOR) == REFUSED


def test_parts_show_in_no_repr(lab: Laboratory) -> None:
    enter(lab, 1, "ann")
    assert repr(PARTS[0]) not in repr(lab.engine.entries)
