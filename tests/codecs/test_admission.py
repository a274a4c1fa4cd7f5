"""When a bitmap has earned its code, and that nobody can make us make code for ever."""

from pointsman.codecs.admission import (
    CALLS_BETWEEN,
    CODES_MAX,
    SEEN_MAX,
    USES_BEFORE_CODE,
    Admission,
)


def uses_until_code(admission: Admission, key: object) -> int:
    uses = 1
    while not admission.deserves(key):
        uses += 1
    return uses


def test_code_is_earned_by_coming_back() -> None:
    assert uses_until_code(Admission(), "sale") == USES_BEFORE_CODE


def test_ever_new_keys_earn_nothing_and_are_forgotten() -> None:
    admission = Admission()
    assert not any(admission.deserves(key) for key in range(SEEN_MAX * 3))
    assert admission.made == 0
    assert uses_until_code(admission, "sale") <= USES_BEFORE_CODE


def test_newcomer_waits_when_many_codes_were_made() -> None:
    admission = Admission()
    for key in range(CODES_MAX):
        uses_until_code(admission, key)
    assert admission.made == CODES_MAX
    assert uses_until_code(admission, "late") == CALLS_BETWEEN
    assert uses_until_code(admission, "later") == CALLS_BETWEEN
