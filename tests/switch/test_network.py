"""Codes of field 60.3, as the golden management messages carry them."""

import pytest

from pointsman.switch.network import END_CODES, SIGN_IN_CODES, UPLOAD_CODES, Network
from tests.codecs.golden import golden


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
