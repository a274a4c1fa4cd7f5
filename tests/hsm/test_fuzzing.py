"""The fuzzer for a moment: that it runs, reaches many answers, and nothing escapes."""

from tests.hsm.fuzzing import run


def test_nothing_escapes_in_a_moment() -> None:
    report = run(seconds=0.5, seed=8583)
    assert report["escapes"] == 0
    assert report["executions"] > 100
    assert report["answers"] > 20
