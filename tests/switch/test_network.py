"""Codes of field 60.3, as the golden management messages carry them."""

import pytest

from pointsman.switch.network import END_CODES, SIGN_IN_CODES, UPLOAD_CODES, Network
from pointsman.switch.reading import read
from pointsman.switch.requests import BatchEnd, Echo, Refusal, Settle, SignIn, SignOff, Upload
from tests.codecs.golden import golden

BASE = {11: "000001", 41: "12345678", 42: "898100053310001"}


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("cup-signin-req-003-real", SIGN_IN_CODES),
        ("cup-signin-req-004", SIGN_IN_CODES),
        ("cup-signoff-req", {Network.SIGN_OFF}),
        ("cup-echo-req", {Network.ECHO}),
        ("cup-settle-req", {Network.SETTLE}),
        ("cup-batch-end-202-req", END_CODES),
        ("cup-batch-end-207-req", END_CODES),
        ("cup-batch-upload-201-req", UPLOAD_CODES),
        ("cup-batch-upload-tc-203-req", UPLOAD_CODES),
    ],
)
def test_golden_messages_ask_for_what_their_code_says(name: str, codes: set[str]) -> None:
    assert golden(name).fields[60][8:11] in codes


def test_a_cashier_for_points_is_answered_and_a_signature_is_not_taken() -> None:
    cashier = read("0800", {**BASE, 60: "00000001" + Network.POINTS_CASHIER})
    assert cashier == Echo()
    signature = read("0820", {**BASE, 60: "07000001800"})
    assert isinstance(signature, Refusal)
    assert signature.code == "40"


def test_no_code_asks_for_two_things() -> None:
    assert not SIGN_IN_CODES & END_CODES
    assert not SIGN_IN_CODES & UPLOAD_CODES
    assert not END_CODES & UPLOAD_CODES
    assert Network.SIGN_OFF not in SIGN_IN_CODES


def test_each_code_means_what_its_name_says() -> None:
    sums = "0" * 62
    item = "01" + "00" + "000001" + "0" * 20 + "000000000100"

    def meaning(mti: str, code: str, **more: str) -> type:
        extra = {int(name[1:]): value for name, value in more.items()}
        return type(read(mti, BASE | {60: f"00000012{code}"} | extra))

    assert {meaning("0800", code) for code in SIGN_IN_CODES} == {SignIn}
    assert meaning("0820", Network.SIGN_OFF) is SignOff
    assert meaning("0820", Network.ECHO) is Echo
    assert meaning("0500", Network.SETTLE, f48=sums) is Settle
    assert meaning("0320", Network.UPLOAD, f48=item) is Upload
    assert {meaning("0320", code, f48="0003") for code in END_CODES} == {BatchEnd}


def test_a_code_of_another_message_type_is_refused() -> None:
    assert isinstance(read("0800", BASE | {60: "00000012301"}), Refusal)
    assert isinstance(read("0500", BASE | {60: "00000012202"}), Refusal)
