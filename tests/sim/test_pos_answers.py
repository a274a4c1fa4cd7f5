"""How a simulated terminal judges answers, with the golden ones and altered ones."""

from pointsman.codecs.codec import Message, get_codec
from pointsman.sim.pos_answers import Verdict, agree, judge, told_row, voucher_of
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from tests.codecs.golden import golden
from tests.sim.test_pos_messages import KEYS, asked


def test_golden_answers_are_believed_and_altered_ones_are_not() -> None:
    codec = get_codec("cup-bcd")
    request = golden("cup-sale-swipe-pin-req").fields
    body = golden("cup-sale-swipe-pin-resp").body
    answer = codec.decode(body)
    assert judge(answer, request, [KEYS], MacMethod.CUP_ECB) is Verdict.TRUE
    other_amount = codec.decode(codec.patch(answer, {4: "000000010001"}))
    assert judge(other_amount, request, [KEYS], MacMethod.CUP_ECB) is Verdict.NOT_OURS
    other_mac = codec.decode(body[:-1] + bytes([body[-1] ^ 1]))
    assert judge(other_mac, request, [KEYS], MacMethod.CUP_ECB) is Verdict.BAD_MAC
    no_mac = codec.decode(codec.patch(answer, {}, remove=(64,)))
    assert judge(no_mac, request, [KEYS], MacMethod.CUP_ECB) is Verdict.BAD_MAC


def test_a_refusal_without_mac_and_amount_is_believed() -> None:
    answer = get_codec("cup-bcd").decode(golden("cup-sale-resp-A0").body)
    request = golden("cup-sale-swipe-pin-req").fields
    assert judge(answer, request, [KEYS], MacMethod.CUP_ECB) is Verdict.TRUE


def test_an_answer_under_the_set_before_the_last_sign_in_still_verifies() -> None:
    newer = WorkingKeys(bytes(range(16)), bytes(range(8)))
    answer = get_codec("cup-bcd").decode(golden("cup-sale-swipe-pin-resp").body)
    request = golden("cup-sale-swipe-pin-req").fields
    assert judge(answer, request, [newer, KEYS], MacMethod.CUP_ECB) is Verdict.TRUE
    assert judge(answer, request, [newer], MacMethod.CUP_ECB) is Verdict.BAD_MAC


def test_the_voucher_of_a_wallet_is_read() -> None:
    answer = get_codec("cup-bcd").decode(golden("cup-qr-c2b-sale-resp").body)
    assert voucher_of(answer) == "20260315120501000170"


def test_a_repeat_has_the_stored_answer_or_an_excuse() -> None:
    codec = get_codec("cup-bcd")
    approved = codec.decode(golden("cup-sale-swipe-pin-resp").body)

    def told(code: str, **other: str) -> Message:
        changes = {39: code} | {int(name[1:]): value for name, value in other.items()}
        return codec.decode(codec.patch(approved, changes))

    assert agree(approved, approved, at_once=False)
    assert agree(told("51", f37="000000000001"), told("51", f37="000000000002"), at_once=False)
    assert not agree(approved, told("00", f38="ZZ9999"), at_once=False)
    assert not agree(approved, told("05"), at_once=True)
    assert agree(approved, told("98"), at_once=True)
    assert not agree(approved, told("98"), at_once=False)
    assert not agree(told("98"), approved, at_once=False)
    assert agree(told("98"), told("91"), at_once=False), "its end was not known to the first"
    assert agree(approved, told("96"), at_once=False)


def test_the_row_of_an_answer_holds_what_the_slip_shows() -> None:
    row = told_row(asked(), get_codec("cup-bcd").decode(golden("cup-sale-swipe-pin-resp").body), "")
    assert (row.code, row.approved, row.rrn, row.auth) == ("00", True, "101735000120", "AB1234")
    assert (row.amount_minor, row.date, row.stan) == (10_000, "0315", "000120")
