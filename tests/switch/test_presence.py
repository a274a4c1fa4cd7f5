"""Which fields a request must have, type by type: without one of them it is 30, with all it is not.

The table here is written from the dialect's description (terminal-protocol 4), not from the flows'
own rows, so that a row that asks for too little is seen.
"""

import pytest

from pointsman.switch import reading
from pointsman.switch.requests import Payment, Refusal, Request
from tests.switch.lives import message

# Field 41 and 42 are not here: a message without them has no sender and is dropped.
_PAYMENT = (3, 4, 11, 22, 25, 49, 60)
_KEYED = (2, 14)
MANDATORY: dict[str, tuple[int, ...]] = {
    "cup-balance-chip-req": (3, 11, 22, 25, 49, 55, 60),
    "cup-sale-manual-req": (*_PAYMENT, *_KEYED),
    "cup-sale-swipe-pin-req": (*_PAYMENT, 26, 35, 52, 53),
    "cup-sale-chip-pin-req": (*_PAYMENT, 26, 52, 53, 55),
    "cup-qr-c2b-sale-req": (*_PAYMENT, 59),
    "cup-instalment-sale-req": (*_PAYMENT, 62),
    "cup-void-req": (*_PAYMENT, 37, 61),
    "cup-refund-req": (*_PAYMENT, 37, 61, 63),
    "cup-preauth-req": _PAYMENT,
    "cup-preauth-cancel-req": (*_PAYMENT, 38, 61),
    "cup-preauth-complete-req": (*_PAYMENT, *_KEYED, 38, 61),
    "cup-preauth-complete-advice-req": (*_PAYMENT, *_KEYED, 38, 61),
    "cup-preauth-complete-cancel-req": (*_PAYMENT, 37, 61),
    "cup-offline-sale-advice-req": (*_PAYMENT, *_KEYED, 63),
    "cup-offline-adjust-req": (*_PAYMENT, 37, 61, 63),
    "cup-tip-adjust-req": (*_PAYMENT, 37, 48, 61, 63),
    "cup-script-result-req": (3, 11, 25, 37, 49, 55, 60, 61),
    "cup-reversal-sale-req": (3, 4, 11, 25, 39, 60),
    "cup-settle-req": (11, 48, 60),
    "cup-batch-upload-201-req": (11, 48, 60),
    "cup-batch-end-202-req": (11, 48, 60),
    "cup-signin-req-003-real": (11, 60),
}
CASES = [(name, number) for name, numbers in MANDATORY.items() for number in numbers]


def code_of(request: Request) -> str:
    """Return what a request is refused with, or nothing."""
    if isinstance(request, Payment):
        return request.refusal.code if request.refusal else ""
    return request.code if isinstance(request, Refusal) else ""


def read(name: str, **changes: str | None) -> Request:
    given = message(name, **changes)
    return reading.read(given.mti, given.fields)


@pytest.mark.parametrize("name", MANDATORY)
def test_a_request_with_all_its_fields_is_not_refused(name: str) -> None:
    assert code_of(read(name)) == ""


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_request_without_a_mandatory_field_is_30(name: str, number: int) -> None:
    assert code_of(read(name, **{f"f{number}": None})) == "30"


@pytest.mark.parametrize("tip", ["1500", "0000000015000", "000000011501"])
def test_a_tip_is_12_digits_and_no_more_than_its_total(tip: str) -> None:
    assert code_of(read("cup-tip-adjust-req", f48=tip)) == "30"


def test_what_a_terminal_sends_beside_its_reversal_is_passed_over() -> None:
    """Some send 26, 52 and 53 again: none of them is looked at."""
    more = {"f26": "12", "f52": "0123456789ABCDEF", "f53": "2600000000000000"}
    assert code_of(read("cup-reversal-sale-req", **more)) == ""
