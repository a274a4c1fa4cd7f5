"""Answers as the golden ones: what is echoed, what the switch adds, what a code means."""

import pytest

from pointsman.store.records import State
from pointsman.switch import responses
from tests.codecs.golden import golden
from tests.switch.lives import MOMENT, POS, host_answer, message


def test_an_approval_has_the_fields_of_the_golden_answer() -> None:
    request = message("cup-sale-swipe-pin-req")
    host = dict(host_answer(f38="AB1234", f44="01020000   ").fields)
    told = responses.told_by_host(host, MOMENT, "101735000120", "00085500", "CUP")
    mti, fields = responses.payment_answer(
        request.mti, request.fields, "6226388000000095", "021", told
    )
    expected = dict(golden("cup-sale-swipe-pin-resp").fields)
    del expected[64]
    assert (mti, fields) == ("0210", expected)


def test_a_decline_has_the_fields_of_the_golden_answer() -> None:
    request = message("cup-sale-swipe-pin-req")
    host = dict(host_answer("51", f44="01020000   ").fields)
    told = responses.told_by_host(host, MOMENT, "101735000120", "00085500", "CUP")
    _, fields = responses.payment_answer(
        request.mti, request.fields, "6226388000000095", "021", told
    )
    expected = dict(golden("cup-sale-resp-51").fields)
    del expected[64]
    assert fields == expected


def test_a_keyed_card_number_is_not_sent_back() -> None:
    request = message("cup-sale-manual-req")
    told = responses.told_by_us("05", MOMENT, "1")
    _, fields = responses.payment_answer(
        request.mti, request.fields, "4111111111111111", "012", told
    )
    assert not {2, 14} & fields.keys()


def test_a_bare_answer_to_an_international_terminal_names_its_network() -> None:
    mti, fields = responses.bare_answer(
        "0200", {3: "000000", 11: "000058", 24: "003"}, {"39": "96"}
    )
    assert (mti, fields[24], fields[39]) == ("0210", "003", "96")


def test_a_settlement_answer_has_no_code() -> None:
    assert "39" not in responses.told_by_us("", MOMENT)


def test_a_mac_is_put_where_the_answer_left_room() -> None:
    unsigned = responses.unsigned(POS, "0210", {39: "00", 41: "12345678", 42: "898100053310001"})
    whole = POS.decode(unsigned.signed(b"18CDF9C9"))
    assert whole[64] == "3138434446394339"
    assert unsigned.covered == whole.raw[: whole.span(64)[0]]


@pytest.mark.parametrize(
    ("code", "digit"), [("00", 0), ("51", 0), ("A0", 3), ("77", 3), ("99", 3), ("98", 0)]
)
def test_the_header_asks_for_a_sign_in_where_keys_or_batch_are_wrong(code: str, digit: int) -> None:
    assert responses.requirement(code) == digit


def test_every_state_has_a_label() -> None:
    assert {responses.outcome_label(state) for state in State} == {
        "approved",
        "declined",
        "timeout",
        "rejected",
        "error",
    }


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("0229", True),
        ("1231", True),
        ("0230", False),
        ("1301", False),
        ("0000", False),
        ("", False),
        ("+1 2", False),
        ("01005", False),
        ("1_15", False),
        ("١٢٠١", False),
    ],
)
def test_a_settlement_date_is_four_digits_that_are_a_day(text: str, day: bool) -> None:
    assert responses.is_day(text) is day
