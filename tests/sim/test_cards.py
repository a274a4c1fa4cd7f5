"""The test cards: numbers that are published, masks that hide."""

import pytest

from pointsman.sim.cards import CARDS, card_of, mask

PUBLISHED = {
    *("6216261000000000018", "6226090000000048", "6226388000000095", "6250947000000014"),
    *("6223164991230014", "6200000000000005", "6205500000000000004", "4111111111111111"),
    *("4012888888881881", "5555555555554444", "3566002020360505"),
}


def test_only_published_numbers_are_used() -> None:
    assert {card.pan for card in CARDS.values()} == PUBLISHED


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_found_again_and_its_track_begins_with_it(name: str) -> None:
    card = CARDS[name]
    assert card_of(card.pan) is card
    assert card.track2.startswith(f"{card.pan}D3012201")
    assert len(card.track2) <= 37
    assert card.domestic is (card.scheme == "CUP")


def test_a_number_that_nobody_published_is_no_card() -> None:
    assert card_of("6216261000000000019") is None


@pytest.mark.parametrize(
    ("number", "masked"),
    [("4111111111111111", "411111******1111"), ("1234567890", "**********"), ("", "")],
)
def test_masks_show_six_and_four_or_nothing(number: str, masked: str) -> None:
    assert mask(number) == masked
