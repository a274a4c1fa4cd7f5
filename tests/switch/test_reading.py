"""What golden messages mean, and what is refused of messages that are nearly golden."""

import pytest

from pointsman.store.records import RequestKey
from pointsman.switch import reading
from pointsman.switch.requests import (
    BatchEnd,
    Echo,
    Payment,
    Refusal,
    Request,
    Reversal,
    Settle,
    SignIn,
    SignOff,
    Upload,
)
from tests.switch.lives import message, payment


def read(name: str, **changes: str | None) -> Request:
    given = message(name, **changes)
    return reading.read(given.mti, given.fields)


@pytest.mark.parametrize(
    ("name", "flow", "method"),
    [
        ("cup-sale-swipe-pin-req", "sale", "stripe"),
        ("cup-sale-chip-pin-req", "sale", "chip"),
        ("cup-sale-contactless-req-real", "sale", "contactless"),
        ("cup-sale-manual-req", "sale", "manual"),
        ("cup-sale-fallback-req", "sale", "stripe"),
        ("cup-qr-c2b-sale-req", "sale", "qr_consumer"),
        ("cup-void-req", "void", "stripe"),
        ("cup-qr-void-req", "void", "qr_consumer"),
        ("cup-refund-req", "refund", "manual"),
        ("cup-qr-refund-req", "refund", "qr_consumer"),
    ],
)
def test_golden_payments_are_known_and_not_refused(name: str, flow: str, method: str) -> None:
    found = payment(message(name))
    assert (found.flow.name, found.method, found.refusal) == (flow, method, None)


def test_a_sale_names_its_request_key_amount_and_card() -> None:
    found = payment(message("cup-sale-swipe-pin-req"))
    assert found.key == RequestKey("898100053310001", "12345678", "000012", "000120")
    assert (found.amount_minor, found.currency) == (10000, "156")
    assert found.card is not None
    assert (found.card.account, found.card.expiry) == ("6226388000000095", "3012")


def test_a_payment_code_stands_for_the_card() -> None:
    found = payment(message("cup-qr-c2b-sale-req"))
    assert found.card is not None
    assert (found.card.account, found.card.is_code) == ("6216261000000000018", True)


def test_neither_card_nor_pin_block_is_printed() -> None:
    written = repr(payment(message("cup-sale-chip-pin-req")))
    for secret in ("6216261000000000018", "23E7B088028B2710", "ED1D6BA78357FB25"):
        assert secret not in written


def test_a_follow_up_names_its_original() -> None:
    found = payment(message("cup-void-req")).original
    assert found is not None
    assert (found.batch, found.stan) == ("000012", "000120")
    assert (found.rrn, found.auth_code) == ("101735000120", "AB1234")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cup-signin-req-003-real", SignIn),
        ("cup-signin-req-004", SignIn),
        ("cup-signoff-req", SignOff),
        ("cup-echo-req", Echo),
        ("cup-reversal-sale-req", Reversal),
        ("cup-reversal-chip-req-real", Reversal),
        ("cup-reversal-mac-reason-req", Reversal),
        ("cup-qr-reversal-req", Reversal),
        ("cup-settle-req", Settle),
        ("cup-batch-upload-201-req", Upload),
        ("cup-batch-upload-refund-req", Upload),
        ("cup-batch-upload-tc-203-req", Upload),
        ("cup-batch-end-202-req", BatchEnd),
        ("cup-batch-end-207-req", BatchEnd),
    ],
)
def test_golden_messages_that_move_no_money_are_known(name: str, kind: type) -> None:
    assert isinstance(read(name), kind)


def test_a_settlement_claims_two_sides() -> None:
    found = read("cup-settle-req")
    assert isinstance(found, Settle)
    assert (found.claimed.domestic.debit_minor, found.claimed.domestic.debit_count) == (64600, 3)
    assert (found.claimed.domestic.credit_minor, found.claimed.domestic.credit_count) == (3000, 1)
    assert (found.claimed.foreign.debit_minor, found.claimed.foreign.debit_count) == (2550, 1)


def test_an_upload_lists_its_items() -> None:
    found = read("cup-batch-upload-201-req")
    assert isinstance(found, Upload)
    assert [(item.stan, item.amount_minor, item.last4) for item in found.items] == [
        ("000120", 10000, "0095"),
        ("000132", 48000, "0018"),
        ("000140", 6600, "0095"),
    ]


def test_an_upload_whose_count_runs_past_its_items_is_refused() -> None:
    text = message("cup-batch-upload-201-req")[48]
    assert isinstance(read("cup-batch-upload-201-req", f48="08" + text[2:]), Refusal)
    assert isinstance(read("cup-batch-upload-201-req", f48="00" + text[2:]), Refusal)


def test_the_repeat_mti_means_what_the_first_copy_meant() -> None:
    given = message("cup-sale-swipe-pin-req")
    found = reading.read("0201", given.fields)
    assert isinstance(found, Payment)
    assert found.mti == "0200"


@pytest.mark.parametrize(
    ("changes", "code", "number"),
    [
        ({"f4": None}, "30", 4),
        ({"f22": None}, "30", 22),
        ({"f49": None}, "30", 49),
        ({"f35": None}, "30", 35),
        ({"f52": None}, "30", 52),  # 22 says a PIN was entered
        ({"f22": "022"}, "30", 52),  # 22 says none was
        ({"f53": None}, "30", 53),
        ({"f26": None}, "30", 26),
        ({"f53": "1600000000000000"}, "30", 53),  # without account number: not here
        ({"f53": "2300000000000000"}, "30", 53),  # SM4
        ({"f53": "2610000000000000"}, "30", 53),  # track enciphered
        ({"f35": "6226388000000095"}, "30", 35),
    ],
)
def test_a_sale_that_lacks_or_contradicts_something_is_30(
    changes: dict[str, str | None], code: str, number: int
) -> None:
    refusal = payment(message("cup-sale-swipe-pin-req", **changes)).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, number)


def test_a_pin_block_is_under_a_key_of_either_length() -> None:
    assert payment(message("cup-sale-swipe-pin-req", f53="2000000000000000")).refusal is None


def test_a_keyed_sale_without_expiry_and_a_stan_of_zeros_are_30() -> None:
    refusal = payment(message("cup-sale-manual-req", f14=None)).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("30", 14)
    found = read("cup-sale-manual-req", f11="000000")
    assert isinstance(found, Refusal)
    assert (found.code, found.field) == ("30", 11)


def test_a_chip_sale_without_a_required_tag_is_30_and_names_it() -> None:
    chip = message("cup-sale-chip-pin-req")[55].replace("9F360201C0", "")
    refusal = payment(message("cup-sale-chip-pin-req", f55=chip)).refusal
    assert refusal == Refusal("30", 55, "tag 9F36 missing")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"f3": "990000"}, "40"),
        ({"f25": "77"}, "40"),
        ({"f60": "9900001200060"}, "40"),
        ({"f3": None}, "30"),
        ({"f60": None}, "30"),
        ({"f11": None}, "30"),
    ],
)
def test_an_unknown_type_is_40_and_a_missing_one_30(
    changes: dict[str, str | None], code: str
) -> None:
    found = read("cup-sale-swipe-pin-req", **changes)
    assert isinstance(found, Refusal)
    assert found.code == code
