"""When what is owed to acquirers is cause for alarm, and how often that is said again.

Decides over ages that are given and a clock that is given. Age and count only raise the alarm: what
is owed ends by an accepted answer or two users' decision (reversals.py, owed.py). Who looks, and
where the alarm goes, is clerk.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pointsman.store.day import OwedAge

OLD_AFTER_S = 600.0
"""Twice the longest pause between two tries: younger than that is the ordinary way."""

SAID_AGAIN_S = 900.0
"""An alarm that stands is said again this often, so that a log that was turned over has it."""


class Cause(StrEnum):
    """Why somebody should look."""

    OLD = "owed too long"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One cause at one acquirer, with how many messages and the age of the oldest."""

    acquirer: str
    kind: str
    cause: Cause
    count: int
    oldest_age_s: float


class Alarms:
    """Remembers what was said and when; forgets a cause that has gone."""

    def __init__(
        self, old_after_s: float = OLD_AFTER_S, said_again_s: float = SAID_AGAIN_S
    ) -> None:
        self._old_after_s = old_after_s
        self._said_again_s = said_again_s
        self._said: dict[tuple[str, str, Cause], float] = {}

    def to_say(self, ages: Sequence[OwedAge], now: float) -> list[Alarm]:
        """Return the alarms that are new, or due to be said again, at monotonic time `now`."""
        standing = [alarm for age in ages for alarm in self._causes(age)]
        keys = {(alarm.acquirer, alarm.kind, alarm.cause) for alarm in standing}
        self._said = {key: when for key, when in self._said.items() if key in keys}
        found: list[Alarm] = []
        for alarm in standing:
            key = (alarm.acquirer, alarm.kind, alarm.cause)
            said = self._said.get(key)
            if said is None or now - said >= self._said_again_s:
                self._said[key] = now
                found.append(alarm)
        return found

    def _causes(self, age: OwedAge) -> list[Alarm]:
        found: list[Alarm] = []
        if age.depth > age.parked and age.oldest_age_s > self._old_after_s:
            count = age.depth - age.parked
            found.append(Alarm(age.acquirer, age.kind, Cause.OLD, count, age.oldest_age_s))
        if age.parked:
            found.append(Alarm(age.acquirer, age.kind, Cause.PARKED, age.parked, age.oldest_age_s))
        return found
