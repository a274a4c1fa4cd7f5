"""A scope narrows what a right reaches, and never widens it."""

import pytest

from pointsman.console import ids, scoping
from pointsman.console.rights import Reach
from pointsman.console.scoping import Chosen, chosen, narrowed
from tests.console.browser import OTHER_MID
from tests.store.house import MID

OUTLET = bytes(range(16))


def test_a_cookie_names_a_merchant_or_an_outlet_or_nothing() -> None:
    assert chosen(MID) == Chosen(MID)
    assert chosen(f"{MID}/{ids.encode('out', OUTLET)}") == Chosen(MID, OUTLET)
    for text in ("", "x", MID + "1", f"{MID}/", f"{MID}/out_1", f"{MID}/pay_x", "é" * 15):
        assert chosen(text) is None, text


@pytest.mark.parametrize("reach", [Reach(None), Reach(frozenset({MID, OTHER_MID}))])
def test_who_sees_a_merchant_may_look_at_it_or_an_outlet_of_it_alone(reach: Reach) -> None:
    assert narrowed(reach, Chosen(MID)) == Reach(frozenset({MID}))
    part = Reach(frozenset(), frozenset({OUTLET}), frozenset({MID}))
    assert narrowed(reach, Chosen(MID, OUTLET)) == part


def test_what_lies_outside_is_no_scope() -> None:
    reach = Reach(frozenset({MID}))
    assert narrowed(reach, Chosen(OTHER_MID)) is None
    assert narrowed(reach, Chosen(OTHER_MID, OUTLET)) is None
    staff = Reach(frozenset(), frozenset({OUTLET}), frozenset({MID}))
    assert narrowed(staff, Chosen(MID)) is None
    assert narrowed(staff, Chosen(MID, b"another outlet 16")) is None
    assert narrowed(staff, Chosen(MID, OUTLET)) == staff


def test_acts_and_the_api_know_no_scope() -> None:
    assert not [path for path in scoping.NARROWED if path.startswith("/v1/")]
