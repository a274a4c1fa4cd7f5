"""Chance belongs to its names: the same in every run, whatever else is drawn."""

from collections import Counter

from pointsman.history.chance import Chance


def test_the_same_names_give_the_same_draws() -> None:
    first, second = Chance(7, "day", 3), Chance(7, "day", 3)
    assert [first.number() for _ in range(5)] == [second.number() for _ in range(5)]
    assert Chance(7, "day", 3).number() != Chance(7, "day", 4).number()


def test_draws_stay_within_their_bounds_and_reach_both_ends() -> None:
    chance = Chance("bounds")
    found = [chance.between(3, 6) for _ in range(500)]
    assert set(found) == {3, 4, 5, 6}
    assert {chance.below(1) for _ in range(20)} == {0}
    assert not any(chance.happens(0) for _ in range(100))
    assert all(chance.happens(1000) for _ in range(100))
    assert len(chance.octets(13)) == 13


def test_weights_are_kept() -> None:
    chance = Chance("weights")
    counts = Counter(chance.weighted((1, 0, 3)) for _ in range(4000))
    assert counts[1] == 0
    assert 2800 < counts[2] < 3200
