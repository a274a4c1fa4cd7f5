"""Bytes of one direction never overtake each other."""

from pointsman.sim.world.pipe import Pipe


def test_what_was_sent_later_arrives_later() -> None:
    pipe = Pipe()
    pipe.put(5.0, b"slow")
    pipe.put(1.0, b"fast")
    assert list(pipe.queue) == [(5.0, b"slow"), (5.0, b"fast")]
    assert pipe.news.is_set()
