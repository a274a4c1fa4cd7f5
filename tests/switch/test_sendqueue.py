"""The send queue: any chopping gives every byte once, and nothing begun is ever given up."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.switch.sendqueue import WRITE_SIZE_MAX, SendQueue

NEVER = float("inf")


@given(
    st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=9)), max_size=12),
    st.lists(st.integers(0, 12), min_size=1),
)
def test_every_byte_is_written_once_and_in_order(
    frames: list[tuple[bool, bytes]], steps: list[int]
) -> None:
    queue: SendQueue[int] = SendQueue()
    for number, (network, data) in enumerate(frames):
        if network:
            queue.put_network(data)
        else:
            queue.put(data, NEVER, number)
    written, gone = b"", []
    for step in [*steps, *([100] * 20)]:
        data = queue.gather()
        count = min(step, len(data))
        written += data[:count]
        gone += queue.taken(count)
    first = [data for network, data in frames if network]
    then = [data for network, data in frames if not network]
    assert written == b"".join(first + then)
    assert gone == [number for number, (network, _data) in enumerate(frames) if not network]
    assert not queue


def test_a_network_message_overtakes_what_was_not_begun() -> None:
    queue: SendQueue[str] = SendQueue()
    queue.put(b"aaaa", NEVER, "a")
    queue.put(b"bbbb", NEVER, "b")
    assert queue.taken(2) == []
    queue.put_network(b"NN")
    assert queue.gather() == b"aaNNbbbb"
    assert queue.taken(2) == ["a"]


def test_only_what_was_not_begun_can_be_given_up() -> None:
    queue: SendQueue[str] = SendQueue()
    queue.put(b"aaaa", 1.0, "a")
    queue.put(b"bbbb", 1.0, "b")
    queue.put(b"cccc", 9.0, "c")
    assert queue.taken(1) == []
    assert queue.drop_stale(1.0) == []
    assert queue.drop_stale(2.0) == ["b"]
    assert queue.gather() == b"aaacccc"


def test_a_lost_connection_gives_back_what_never_left() -> None:
    queue: SendQueue[str] = SendQueue()
    queue.put(b"aaaa", NEVER, "a")
    queue.put(b"bbbb", NEVER, "b")
    queue.taken(1)
    assert queue.clear() == ["b"]
    assert not queue
    assert queue.gather() == b""


def test_one_write_joins_a_bounded_number_of_bytes() -> None:
    queue: SendQueue[int] = SendQueue()
    for number in range(100):
        queue.put(bytes(1000), NEVER, number)
    assert WRITE_SIZE_MAX <= len(queue.gather()) < WRITE_SIZE_MAX + 1000
