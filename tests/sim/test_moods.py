"""How moods are read and drawn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.sim.moods import BY_AMOUNT, DRAW_SIDES, Behaviour, MoodError, Moods, parse_moods


def test_moods_are_read() -> None:
    moods = parse_moods("silent:0.25, drop:0.5,reversal-silent:1")
    assert moods.request(100, repeat=False, draw=0) is Behaviour.SILENT
    assert moods.request(100, repeat=False, draw=DRAW_SIDES // 2) is Behaviour.DROP
    assert moods.request(100, repeat=False, draw=DRAW_SIDES - 1) is Behaviour.ANSWER
    assert moods.reversal(DRAW_SIDES - 1) is Behaviour.REVERSAL_SILENT


@pytest.mark.parametrize("text", ["", "none", " "])
def test_no_mood_is_none(text: str) -> None:
    assert parse_moods(text) == Moods()


@pytest.mark.parametrize(
    "text", ["silent", "silent:2", "loud:0.1", "silent:-1", "silent:0.6,drop:0.6", "silent:1/0"]
)
def test_what_is_no_mood_is_refused(text: str) -> None:
    with pytest.raises(MoodError):
        parse_moods(text)


@given(st.integers(1, 10**6), st.integers(0, DRAW_SIDES - 1))
@settings(max_examples=50)
def test_the_amount_decides_before_any_chance_but_not_for_a_repeat(amount: int, draw: int) -> None:
    moods = parse_moods("drop:1")
    expected = BY_AMOUNT.get(amount % 100, Behaviour.DROP)
    assert moods.request(amount, repeat=False, draw=draw) is expected
    assert moods.request(amount, repeat=True, draw=draw) is Behaviour.DROP


def test_moods_for_reversals_do_not_touch_requests() -> None:
    moods = parse_moods("reversal-lost:1")
    assert moods.request(100, repeat=False, draw=0) is Behaviour.ANSWER
