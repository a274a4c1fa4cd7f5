"""How many requests one caller may make: a bucket that fills with time.

Plain values; the time is given. Who is counted (a session, a key, an address at the sign-in) is
decided in gate.py. The table of buckets has a limit: the oldest are forgotten, full or not.
"""

from collections import OrderedDict
from dataclasses import dataclass

BUCKETS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Policy:
    """`quota` requests in `window_s` seconds, at once or spread."""

    name: str
    quota: int
    window_s: int


API = Policy("api", 600, 60)
SIGN_IN = Policy("sign_in", 20, 60)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, how many more may, and when the bucket is full again."""

    passes: bool
    left: int
    full_in_s: int
    retry_s: int


class Limiter:
    """Buckets of one policy, by caller."""

    def __init__(self, policy: Policy, *, buckets_max: int = BUCKETS_MAX) -> None:
        self.policy = policy
        self._buckets_max = buckets_max
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # level, since

    def take(self, caller: str, now_s: float) -> Verdict:
        """Count one request of `caller` at `now_s` of a clock that never goes back."""
        quota, window_s = self.policy.quota, self.policy.window_s
        level, since_s = self._buckets.pop(caller, (float(quota), now_s))
        level = min(float(quota), level + (now_s - since_s) * quota / window_s)
        passes = level >= 1
        if passes:
            level -= 1
        self._buckets[caller] = (level, now_s)
        while len(self._buckets) > self._buckets_max:
            self._buckets.popitem(last=False)
        seconds_each = window_s / quota
        return Verdict(
            passes,
            int(level),
            int((quota - level) * seconds_each) + 1,
            0 if passes else int((1 - level) * seconds_each) + 1,
        )
