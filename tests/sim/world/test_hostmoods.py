"""Moods strike by fault decisions; amounts bring none, but for codes that are to be confirmed."""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.sim.moods import Behaviour
from pointsman.sim.world.chance import Chance, Faults
from pointsman.sim.world.hostmoods import SimMoods, told_of
from tests.codecs.golden import golden


def moods(**rates: float) -> SimMoods:
    named = {f"host {name.replace('_', '-')}": rate for name, rate in rates.items()}
    return SimMoods(Faults(Chance(1), named))


def request(mood: SimMoods, amount_minor: int = 1000) -> Behaviour:
    return mood.request(amount_minor, repeat=False, draw=0)


def test_without_faults_no_amount_brings_a_mood() -> None:
    assert {request(moods(), 100 + ending) for ending in range(87)} == {Behaviour.ANSWER}
    assert request(moods(), 1098) is Behaviour.ANSWER, "silent for the simulators on TCP"


def test_a_fault_decides_and_a_reversal_has_its_own() -> None:
    assert request(moods(silent=1.0)) is Behaviour.SILENT
    assert moods(silent=1.0).reversal(0) is Behaviour.ANSWER
    assert moods(reversal_lost=1.0).reversal(0) is Behaviour.REVERSAL_LOST


def test_a_customer_is_asked_by_the_amount_unless_a_fault_strikes() -> None:
    assert request(moods(), 1088) is Behaviour.CONFIRM
    assert request(moods(), 1087) is Behaviour.UNCONFIRMED
    assert request(moods(lost=1.0), 1088) is Behaviour.LOST


def test_an_advice_is_not_counted_with_another_amount() -> None:
    mood = moods(other_amount=1.0)
    assert request(mood) is Behaviour.OTHER_AMOUNT
    object.__setattr__(mood, "of_advice", True)
    assert request(mood) is Behaviour.ANSWER


@pytest.mark.parametrize(
    ("name", "told"),
    [("host-ascii-sale-req", False), ("host-ascii-completion-0220-req", True)],
)
def test_an_advice_is_known_by_its_type(name: str, told: bool) -> None:
    message = get_codec("ascii87-hexbitmap").decode(golden(name).body)
    assert told_of(message) is told
