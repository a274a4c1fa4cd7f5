"""One request in a terminal's memory: when it stands, when it is open, for how much."""

from dataclasses import replace

import pytest

from pointsman.sim.items import UNCLEAR_MAX, Item
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Told

ASKED = Asked("", "m", "t", "000001", "000001", "f", Kind.SALE, Entry.SWIPE, 1_000, "156", "visa")


def told(code: str, amount: int = 1_000) -> Told:
    return Told("", "m", "t", "000001", "000001", code, code == "00", amount)


def of(kind: Kind) -> Asked:
    return Asked("", "m", "t", "000001", "000001", "f", kind, Entry.SWIPE, 1_000, "156", "visa")


def test_an_approval_stands_until_it_is_voided_or_taken_back() -> None:
    item = Item(ASKED, told("00"))
    assert item.stands
    assert not replace(item, voided=True).stands
    assert not replace(item, undo_reason="98").stands
    assert not Item(ASKED, told("51")).stands


def test_the_amount_is_what_was_approved_or_what_took_its_place() -> None:
    assert Item(ASKED).amount_minor == 1_000
    partly = Item(ASKED, told("10", 400))
    assert partly.amount_minor == 400
    assert replace(partly, replaced_minor=450).amount_minor == 450


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.OFFLINE, Kind.TIP, Kind.COMPLETION_ADVICE])
def test_what_is_sent_again_is_open_until_its_result_is_known(kind: Kind) -> None:
    assert Item(of(kind)).open
    assert Item(of(kind), told("98")).open
    assert Item(of(kind), told("A0"), unclear=1).open
    assert not Item(of(kind), told("A0"), unclear=UNCLEAR_MAX).open
    assert not Item(of(kind), told("00")).open


def test_a_sale_is_over_once_it_is_answered_or_undone() -> None:
    assert not Item(ASKED, told("98")).open
    assert Item(ASKED, undo_reason="98").open
    assert not Item(ASKED, undo_reason="98", undone=True).open
    assert not Item(ASKED).domestic
