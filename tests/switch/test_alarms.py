"""Alarms over what is owed: raised once, said again while they stand, forgotten when they go."""

from pointsman.store.day import OwedAge
from pointsman.switch.alarms import OLD_AFTER_S, SAID_AGAIN_S, Alarms, Cause


def owed(age_s: float, depth: int = 3, parked: int = 0) -> list[OwedAge]:
    return [OwedAge("alpha", "reversal", depth, parked, age_s)]


def test_young_queue_is_no_alarm() -> None:
    assert Alarms().to_say(owed(OLD_AFTER_S), now=0) == []


def test_old_queue_is_said_once_and_again_while_it_stands() -> None:
    alarms = Alarms()
    (alarm,) = alarms.to_say(owed(OLD_AFTER_S + 1), now=0)
    assert (alarm.cause, alarm.count) == (Cause.OLD, 3)
    assert alarms.to_say(owed(OLD_AFTER_S + 5), now=SAID_AGAIN_S - 1) == []
    assert len(alarms.to_say(owed(OLD_AFTER_S + 9), now=SAID_AGAIN_S)) == 1


def test_parked_message_is_an_alarm_at_any_age() -> None:
    (alarm,) = Alarms().to_say(owed(1, depth=3, parked=1), now=0)
    assert (alarm.cause, alarm.count) == (Cause.PARKED, 1)


def test_queue_of_nothing_but_parked_messages_is_not_old_as_well() -> None:
    found = Alarms().to_say(owed(OLD_AFTER_S * 9, depth=2, parked=2), now=0)
    assert [alarm.cause for alarm in found] == [Cause.PARKED]


def test_cause_that_went_and_came_back_is_said_at_once() -> None:
    alarms = Alarms()
    assert len(alarms.to_say(owed(OLD_AFTER_S + 1), now=0)) == 1
    assert alarms.to_say([], now=1) == []
    assert len(alarms.to_say(owed(OLD_AFTER_S + 1), now=2)) == 1
