"""Message types: words, and the type of the answer."""

import pytest

from pointsman.codecs.mti import answer_mti, describe_mti, is_request


@pytest.mark.parametrize(
    ("mti", "answer"),
    [("0200", "0210"), ("0201", "0210"), ("0421", "0430"), ("0800", "0810"), ("0820", "0830"),
     ("1002", "1012"), ("1804", "1814"), ("1805", "1814")],
)  # fmt: skip
def test_answer_is_ten_more_and_no_repeat(mti: str, answer: str) -> None:
    assert answer_mti(mti) == answer
    assert is_request(mti)
    assert not is_request(answer)


@pytest.mark.parametrize("mti", ["0210", "02", "02000", "02x0", "0²00"])
def test_answers_and_other_texts_have_no_answer(mti: str) -> None:
    with pytest.raises(ValueError, match="no answer"):
        answer_mti(mti)


def test_words_of_a_type() -> None:
    assert describe_mti("0200") == "1987 financial request, acquirer"
    assert describe_mti("1421") == "1993 reversal advice, acquirer, repeat"
    assert (
        describe_mti("3999") == "reserved version reserved class reserved function, reserved origin"
    )
    with pytest.raises(ValueError, match="four digits"):
        describe_mti("20")
