"""The limiter: a bucket that empties and fills with time; callers do not share one."""

from pointsman.console.ratelimit import Limiter, Policy

POLICY = Policy("test", 3, 30)


def test_a_bucket_empties_and_fills() -> None:
    limiter = Limiter(POLICY)
    assert [limiter.take("a", 0.0).passes for _ in range(4)] == [True, True, True, False]
    assert limiter.take("b", 0.0).passes
    assert not limiter.take("a", 9.0).passes
    assert limiter.take("a", 10.0).passes
    assert limiter.take("a", 100.0).left == 2


def test_one_who_is_refused_is_told_how_long_to_wait() -> None:
    limiter = Limiter(POLICY)
    for _ in range(3):
        limiter.take("a", 0.0)
    refused = limiter.take("a", 1.0)
    assert limiter.take("a", 1.0 + refused.retry_s).passes


def test_the_table_of_buckets_is_bounded() -> None:
    limiter = Limiter(POLICY, buckets_max=2)
    for caller in "abc":
        limiter.take(caller, 0.0)
    assert len(limiter._buckets) == 2
