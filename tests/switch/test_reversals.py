"""What is owed: messages rebuilt from what was kept, the schedule, and which answer ends it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.store.records import State
from pointsman.switch.reversals import (
    Done,
    Later,
    Park,
    Verdict,
    advice,
    delay_s,
    judge_advice,
    judge_reversal,
    judge_told,
    original_data,
    repeat_mti,
    reversal,
)
from tests.codecs.golden import golden
from tests.switch.host_peer import ALPHA
from tests.switch.owed_house import transaction

AGAIN_S = 5.0


def judged(
    code: str,
    *,
    accepts: tuple[str, ...] = (),
    attempt: int = 1,
    age_s: float = 0.0,
    ordered: bool = False,
) -> Verdict:
    acquirer = replace(ALPHA, accepts=frozenset(accepts), request_life_s=60.0)
    return judge_reversal(
        code, acquirer, attempt=attempt, age_s=age_s, ordered=ordered, again_s=AGAIN_S
    )


@pytest.mark.parametrize(
    ("name", "attempt"),
    [("host-ascii-reversal-advice-0420-req", 1), ("host-ascii-reversal-advice-0421-req", 2)],
)
def test_the_golden_reversal_comes_out_of_what_was_kept(name: str, attempt: int) -> None:
    message = golden(name)
    # 12 here is the time of the original; the golden one shows its own, and an expiry (14), which
    # is not kept.
    kept = {str(number): value for number, value in message.fields.items()}
    for number in ("2", "7", "11", "14", "39", "90", "128"):
        kept.pop(number)
    original = replace(
        transaction(None), host={"0": "0200", **kept}, host_stan="004711", host_time="0315021735"
    )
    draft = reversal(
        original,
        ALPHA,
        pan="4111111111111111",
        reason="68",
        host_stan="004730",
        host_time="0315021815",
        attempt=attempt,
    )
    expected = {n: v for n, v in message.fields.items() if n not in (14, 128)}
    assert (draft.mti, dict(draft.fields)) == (message.mti, expected)


def test_a_known_approval_code_goes_along() -> None:
    original = replace(transaction(None), auth_code="A1B2C3")
    draft = reversal(
        original, ALPHA, pan=None, reason="17", host_stan="1", host_time="2", attempt=1
    )
    assert draft.fields[38] == "A1B2C3"
    assert 2 not in draft.fields


@pytest.mark.parametrize(
    ("first", "attempt", "mti"),
    [("0420", 1, "0420"), ("0420", 2, "0421"), ("0400", 1, "0400"), ("0400", 7, "0401")],
)
def test_repeats_say_so_in_their_type(first: str, attempt: int, mti: str) -> None:
    assert repeat_mti(first, attempt) == mti


def test_a_reversed_void_names_the_void_and_not_its_sale() -> None:
    void = replace(
        transaction(None), host={"0": "0200", "32": "00085500", "90": "0" * 42}, host_stan="004712"
    )
    assert original_data(void).text == "020000471203150217350000008550000000000000"


def test_an_advice_is_repeated_with_its_own_numbers() -> None:
    draft = advice(transaction(None, mti="0220"), pan=None, attempt=1)
    assert (draft.mti, draft.fields[7], draft.fields[11]) == ("0221", "0315021735", "004711")
    assert 0 not in draft.fields


def test_what_was_told_first_goes_out_as_a_first_copy() -> None:
    told = replace(transaction(None, mti="0200"), state=State.APPROVED, host={"0": "0220"})
    assert advice(told, pan=None, attempt=1).mti == "0220"
    assert advice(told, pan=None, attempt=2).mti == "0221"


@pytest.mark.parametrize(
    ("code", "attempt", "verdict"),
    [
        ("00", 1, Done()),
        ("10", 1, Done()),
        ("94", 1, Park()),
        ("94", 2, Done()),
        ("51", 1, Park()),
        ("25", 3, Park()),
        ("96", 1, Later(AGAIN_S)),
        ("", 1, Later(AGAIN_S)),
    ],
)
def test_a_refusal_of_what_was_told_is_for_a_person(
    code: str, attempt: int, verdict: Verdict
) -> None:
    assert judge_told(code, attempt=attempt, again_s=AGAIN_S) == verdict


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_double_up_to_the_longest_and_move_by_a_tenth(attempt: int, fraction: float) -> None:
    wait_s = delay_s(attempt, base_s=5.0, max_s=300.0, fraction=fraction)
    middle = min(5.0 * 2.0 ** min(attempt - 1, 20), 300.0)
    assert middle * 0.9 - 1e-9 <= wait_s <= middle * 1.1 + 1e-9


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("00", Done()),
        ("91", Later(AGAIN_S)),
        ("96", Later(AGAIN_S)),
        ("68", Later(AGAIN_S)),
        ("98", Later(AGAIN_S)),
        ("94", Park()),
        ("12", Park()),
        ("21", Park()),
        ("05", Park()),
        ("", Later(AGAIN_S)),
        ("25", Later(61.0)),
    ],
)
def test_the_first_answer_means(code: str, verdict: Verdict) -> None:
    assert judged(code) == verdict


def test_94_ends_a_repeat() -> None:
    assert judged("94", attempt=2) == Done()


@pytest.mark.parametrize("code", ["25", "12"])
def test_where_order_is_kept_an_accepted_code_ends_it_at_once(code: str) -> None:
    assert judged(code, accepts=(code,), ordered=True) == Done()
    assert judged(code, accepts=(code,), ordered=False) == Later(61.0)
    assert judged(code, accepts=(code,), attempt=2, age_s=60.0) == Done()


def test_order_alone_does_not_make_25_accepted() -> None:
    assert judged("25", ordered=True) == Later(61.0)


def test_a_second_asking_before_the_requests_life_is_over_is_too_early() -> None:
    assert judged("25", attempt=3, age_s=20.0) == Later(41.0)
    assert judged("25", attempt=1, age_s=100.0) == Later(AGAIN_S)
    assert judged("25", attempt=2, age_s=61.0) == Done()


def test_21_ends_it_only_where_the_profile_says_so() -> None:
    assert judged("21", accepts=("21",)) == Done()
    assert judged("12", attempt=2, age_s=100.0) == Park()


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("00", Done()),
        ("51", Done()),
        ("25", Done()),
        ("96", Later(AGAIN_S)),
        ("68", Later(AGAIN_S)),
        ("", Later(AGAIN_S)),
        ("94", Park()),
    ],
)
def test_a_repeated_refund_takes_any_definite_answer_as_its_result(
    code: str, verdict: Verdict
) -> None:
    assert judge_advice(code, again_s=AGAIN_S) == verdict
