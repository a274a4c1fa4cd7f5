"""Results come in any order; the last one sets the event."""

from pointsman.history.gathered import Gathered


def test_the_last_result_sets_the_event() -> None:
    found: Gathered[str] = Gathered(2)
    found.at(1)("b")
    assert not found.whole.is_set()
    found.at(0)("a")
    assert found.whole.is_set()
    assert found.found == {0: "a", 1: "b"}
