"""The breaker against every order of time-outs, answers and echoes that matters."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.switch.breaker import TIME_OUTS_MAX, Breaker, Position


def opened() -> Breaker:
    breaker = Breaker()
    for number in range(TIME_OUTS_MAX):
        assert breaker.timed_out(trial=False) is (number == TIME_OUTS_MAX - 1)
    return breaker


def test_five_time_outs_in_a_row_open_it() -> None:
    assert opened().position is Position.OPEN
    assert not opened().allows


def test_an_answer_between_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(TIME_OUTS_MAX - 1):
            assert not breaker.timed_out(trial=False)
        breaker.answered(trial=False)
    assert breaker.allows


def test_an_echo_lets_one_request_on_trial() -> None:
    breaker = opened()
    breaker.echoed()
    assert breaker.allows
    assert breaker.admit()
    assert not breaker.allows


def test_an_answered_trial_closes_it() -> None:
    breaker = opened()
    breaker.echoed()
    breaker.answered(trial=breaker.admit())
    assert breaker.position is Position.CLOSED


def test_a_silent_trial_opens_it_again() -> None:
    breaker = opened()
    breaker.echoed()
    assert breaker.timed_out(trial=breaker.admit())
    assert breaker.position is Position.OPEN


def test_a_trial_that_never_left_gives_its_place_to_another() -> None:
    breaker = opened()
    breaker.echoed()
    breaker.unsent(trial=breaker.admit())
    assert breaker.allows


def test_an_old_request_that_times_out_does_not_decide_the_trial() -> None:
    breaker = opened()
    breaker.echoed()
    trial = breaker.admit()
    assert not breaker.timed_out(trial=False)
    breaker.answered(trial=trial)
    assert breaker.position is Position.CLOSED


def test_any_answer_while_open_is_a_sign_of_life() -> None:
    breaker = opened()
    breaker.answered(trial=False)
    assert breaker.position is Position.HALF_OPEN


@given(st.lists(st.sampled_from(["admit", "answer", "silence", "unsent", "echo"]), max_size=40))
def test_half_open_never_lets_two_requests_through(events: list[str]) -> None:
    breaker = opened()
    trials: list[bool] = []
    for event in events:
        trial = trials[0] if trials else False
        match event:
            case "admit" if breaker.allows:
                half_open = breaker.position is Position.HALF_OPEN
                assert breaker.admit() is half_open
                if half_open:
                    assert not trials
                    trials.append(True)
            case "answer":
                breaker.answered(trial=trial)
                trials.clear()
            case "silence":
                breaker.timed_out(trial=trial)
                trials.clear()
            case "unsent":
                breaker.unsent(trial=trial)
                trials.clear()
            case "echo":
                breaker.echoed()
            case _:
                assert not breaker.allows
