"""States: one word for people from three of the journal."""

import pytest

from pointsman.reports.states import STATES, state_of


@pytest.mark.parametrize(
    ("state", "undo", "voiding", "refunded", "word"),
    [
        ("approved", "none", "none", 0, "approved"),
        ("approved", "done", "none", 0, "reversed"),
        ("unknown", "done", "none", 0, "reversed"),
        ("approved", "owed", "none", 0, "reversing"),
        ("approved", "none", "done", 0, "voided"),
        ("approved", "none", "none", 5, "part_refunded"),
        ("approved", "none", "none", 9, "refunded"),
        ("sending", "none", "none", 0, "in_progress"),
        ("declined", "none", "none", 0, "declined"),
    ],
)
def test_the_word_of_a_state(state: str, undo: str, voiding: str, refunded: int, word: str) -> None:
    row = {"state": state, "undo": undo, "voiding": voiding, "refunded_minor": refunded}
    assert state_of({**row, "approved_minor": 9}) == word
    assert word in STATES
