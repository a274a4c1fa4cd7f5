"""The wallets' messages as a terminal makes them agree with the golden ones."""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.sim import wallet_messages
from pointsman.sim.items import Item
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Told
from tests.codecs.golden import golden

POS = get_codec("cup-bcd")
NUMBER = bytes.fromhex(golden("wallet-query-req").fields[61]).decode()


def asked(what: Kind, stan: str, code: str = "", order: str = "") -> Asked:
    return Asked(
        at="2026-03-15T02:17:35",
        mid="898100053310001",
        tid="12345678",
        batch="000012",
        stan=stan,
        flow=what.value,
        what=what,
        entry=Entry.QR,
        amount_minor=1990,
        currency="156",
        payment_code=code,
        order=order,
    )


@pytest.mark.parametrize(
    ("name", "what", "code"),
    [
        ("wallet-qr-order-req", Kind.WALLET_ORDER, ""),
        ("wallet-barcode-pay-req", Kind.WALLET_PAY, "134958623192673" + "5"),
    ],
)
def test_requests_are_as_the_golden_ones(name: str, what: Kind, code: str) -> None:
    given = golden(name)
    shown = bytes.fromhex(given.fields.get(62, "")).decode()
    made = wallet_messages.request_fields(asked(what, given.fields[11], shown or code))
    assert made == {n: value for n, value in given.fields.items() if n != 64}


def test_a_question_is_as_the_golden_one() -> None:
    given = golden("wallet-query-req")
    request = asked(Kind.WALLET_ORDER, "000180")
    told = Told("", request.mid, request.tid, "000012", "000180", "00", False, 1990, order=NUMBER)
    made = wallet_messages.about_order(Item(request, told), wallet_messages.QUERY, "000182")
    assert made == {n: value for n, value in given.fields.items() if n != 64}


def test_the_number_of_an_order_is_read_from_wallet_answers_alone() -> None:
    answer = wallet_messages.WALLET.decode(
        wallet_messages.WALLET.encode("1010", golden("wallet-qr-order-resp").fields)
    )
    assert wallet_messages.order_of(answer) == NUMBER
    other = POS.decode(POS.encode("0210", {11: "000001", 61: "000012000180"}))
    assert wallet_messages.order_of(other) == ""


@pytest.mark.parametrize(
    ("mti", "answer"), [("1000", "1010"), ("1008", "1018"), ("0200", "0210"), ("0421", "0430")]
)
def test_answers_have_the_type_of_their_dialect(mti: str, answer: str) -> None:
    assert wallet_messages.answer_mti(mti) == answer


def test_each_type_is_written_and_read_in_its_own_dialect() -> None:
    assert wallet_messages.codec_for(POS, "1000") is wallet_messages.WALLET
    assert wallet_messages.codec_for(POS, "0200") is POS
    assert wallet_messages.codec_of(POS, b"\x10\x10") is wallet_messages.WALLET
    assert wallet_messages.codec_of(POS, b"\x02\x10") is POS
