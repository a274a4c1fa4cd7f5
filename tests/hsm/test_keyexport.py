"""Export for four eyes: two people, one quarter of an hour, the same key under the same key."""

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.engine import REFUSED
from pointsman.hsm.keyexport import EXPORT_LIFE_S, EXPORTS_MAX
from pointsman.hsm.policy import Role
from tests.hsm.laboratory import ZMK, Laboratory


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def ask(lab: Laboratory, wrapping: bytes, key: bytes, custodian: str) -> c.Answer:
    return lab.ask(c.ExportUnder(wrapping, key, custodian), Role.OPERATOR)


def test_key_leaves_when_a_second_person_asks(lab: Laboratory) -> None:
    zmk, zak = lab.key("ZMK", ZMK), lab.new("ZAK")
    first = ask(lab, zmk, zak, "one")
    assert isinstance(first, c.ExportWaits)
    assert isinstance(ask(lab, zmk, zak, "two"), c.Exported)
    acts = [event for event in lab.events if event.operation == "ExportUnder"]
    assert [(act.reason, act.person) for act in acts] == [("1 of 2", "one"), ("2 of 2", "two")]
    assert {act.kcv for act in acts} == {first.kcv}
    # It left once: the next export begins anew.
    assert isinstance(ask(lab, zmk, zak, "two"), c.ExportWaits)


def test_one_person_gets_nothing(lab: Laboratory) -> None:
    zmk, zak = lab.key("ZMK", ZMK), lab.new("ZAK")
    assert ask(lab, zmk, zak, "") == REFUSED
    assert ask(lab, zmk, zak, "x" * 41) == REFUSED
    assert isinstance(ask(lab, zmk, zak, "one"), c.ExportWaits)
    assert ask(lab, zmk, zak, "one") == REFUSED
    assert lab.reasons[-1] == "one person, both halves of an export"
    assert isinstance(ask(lab, zmk, zak, "two"), c.Exported)


def test_the_second_person_asks_for_the_same(lab: Laboratory) -> None:
    zmk, other, zak = lab.key("ZMK", ZMK), lab.new("ZMK"), lab.new("ZAK")
    assert isinstance(ask(lab, zmk, zak, "one"), c.ExportWaits)
    assert isinstance(ask(lab, other, zak, "two"), c.ExportWaits)
    assert isinstance(ask(lab, zmk, lab.new("ZAK"), "two"), c.ExportWaits)


def test_a_quarter_of_an_hour_ends_it(lab: Laboratory) -> None:
    zmk, zak = lab.key("ZMK", ZMK), lab.new("ZAK")
    assert isinstance(ask(lab, zmk, zak, "one"), c.ExportWaits)
    lab.now_s += EXPORT_LIFE_S - 1
    other = lab.new("ZAK")
    assert isinstance(ask(lab, zmk, other, "one"), c.ExportWaits)
    lab.now_s += 1
    assert isinstance(ask(lab, zmk, zak, "two"), c.ExportWaits)
    assert isinstance(ask(lab, zmk, other, "two"), c.Exported)


def test_exports_that_wait_are_bounded(lab: Laboratory) -> None:
    zmk = lab.key("ZMK", ZMK)
    for _ in range(EXPORTS_MAX):
        assert isinstance(ask(lab, zmk, lab.new("ZAK"), "one"), c.ExportWaits)
    assert ask(lab, zmk, lab.new("ZAK"), "one") == REFUSED
    assert lab.reasons[-1] == "too many exports wait"
    lab.now_s += EXPORT_LIFE_S
    assert isinstance(ask(lab, zmk, lab.new("ZAK"), "one"), c.ExportWaits)


@pytest.mark.parametrize("role", [Role.SWITCH, Role.SIMULATOR])
def test_other_roles_export_nothing(lab: Laboratory, role: Role) -> None:
    request = c.ExportUnder(lab.key("ZMK", ZMK), lab.new("ZAK"), "one")
    assert lab.ask(request, role) == REFUSED
    assert lab.reasons[-1] == "role"
