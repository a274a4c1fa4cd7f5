"""The limit on faulty PIN blocks: by key, by hour, bounded in what it remembers."""

from pointsman.hsm.faults import KEYS_MAX, WINDOW_S, FaultLimit


def test_limit_is_reached_once_and_ends_with_its_window() -> None:
    limit = FaultLimit(faults_max=3)
    assert [limit.add(b"k", 100) for _ in range(5)] == [False, False, True, False, False]
    assert limit.is_closed(b"k", 100)
    assert not limit.is_closed(b"other", 100)
    assert limit.is_closed(b"k", 100 + WINDOW_S - 1)
    assert not limit.is_closed(b"k", 100 + WINDOW_S)
    assert not limit.add(b"k", 100 + WINDOW_S)
    assert not limit.is_closed(b"k", 100 + WINDOW_S)


def test_a_new_window_counts_from_one_and_alarms_again() -> None:
    limit = FaultLimit(faults_max=2)
    assert [limit.add(b"k", 0), limit.add(b"k", 0)] == [False, True]
    assert [limit.add(b"k", WINDOW_S), limit.add(b"k", WINDOW_S)] == [False, True]
    assert limit.is_closed(b"k", WINDOW_S)


def test_faults_below_the_limit_close_nothing() -> None:
    limit = FaultLimit(faults_max=3)
    limit.add(b"k", 0)
    limit.add(b"k", 0)
    assert not limit.is_closed(b"k", 0)


def test_keys_remembered_are_bounded_and_the_busy_one_stays() -> None:
    limit = FaultLimit(faults_max=2)
    limit.add(b"busy", 0)
    limit.add(b"busy", 0)
    for number in range(KEYS_MAX - 1):
        limit.add(b"%d" % number, 0)
    assert limit.is_closed(b"busy", 0)
    limit.add(b"one more", 0)
    assert not limit.is_closed(b"busy", 0)  # the longest untouched is forgotten
    assert limit.who(b"a") != limit.who(b"b")
