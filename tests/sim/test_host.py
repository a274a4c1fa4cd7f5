"""A simulated host without sockets: questions made of messages, answers made of rows."""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.codecs.errors import DecodeError
from pointsman.hsm.pinblock import encode
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.sim import host_messages as wire
from pointsman.sim.book import Book
from pointsman.sim.host import Host, Reply
from pointsman.sim.host_rows import Effect, HostNetwork, HostRequest, HostReversal, Outcome
from pointsman.sim.moods import Behaviour, parse_moods
from tests.codecs.golden import golden

KEYS = wire.ZoneKeys(
    bytes.fromhex("3B6E10E5E95DB68F08137A38671FC1BC"),
    bytes.fromhex("92CBAE529E439D623885CDE64A8CA1CE"),
)
AT = "2026-03-15T02:17:35.000+00:00"


def host(mood: str = "", dialect: str = "ascii87-hexbitmap") -> Host:
    return Host(get_codec(dialect), KEYS, parse_moods(mood), Book())


def receive(made: Host, body: bytes, draw: int = 0) -> Reply:
    return made.receive(body, at=AT, link=1, signed_on=True, draw=lambda _: draw)


def sale(made: Host, **changes: str) -> bytes:
    fields = {n: v for n, v in golden("host-ascii-sale-req").fields.items() if n != 64}
    fields |= {int(name[1:]): value for name, value in changes.items()}
    return wire.close(made.codec, "0200", fields, KEYS.zak)


@pytest.mark.parametrize("dialect", ["ascii87-hexbitmap", "ascii87-binbitmap"])
def test_a_sale_is_answered_in_its_own_dialect(dialect: str) -> None:
    made = host(dialect=dialect)
    reply = receive(made, sale(made))
    answer = made.codec.decode(reply.answer)
    assert (answer.mti, answer.get(39)) == ("0210", "00")
    assert wire.mac_ok(answer, KEYS.zak)
    assert isinstance(reply.row, HostRequest)
    assert reply.row.card == "411111******1111"


def test_right_and_wrong_pin_reach_the_issuer() -> None:
    made = host()
    pan = golden("host-ascii-sale-req").fields[2]
    for place, (pin, code) in enumerate([("123456", "00"), ("654321", "55")]):
        block = encryptor(Algorithm.TDES, KEYS.zpk)(encode(0, pin, pan)).hex().upper()
        reply = receive(made, sale(made, f52=block, f11=f"{place:06d}"))
        assert made.codec.decode(reply.answer).get(39) == code


def test_a_lost_request_is_written_down_and_not_carried_out() -> None:
    made = host("lost:1")
    reply = receive(made, sale(made))
    assert reply.behaviour is Behaviour.LOST
    assert isinstance(reply.row, HostRequest)
    assert reply.row.outcome is Outcome.LOST
    assert made.book.entries == {}


def test_a_void_finds_its_sale_by_field_90_or_by_its_rrn() -> None:
    for original in ({"f90": "0200" + "004711" + "0315021735" + "0" * 22}, {}):
        made = host()
        receive(made, sale(made))
        body = sale(made, f3="200000", f11="004799", **original)
        reply = receive(made, body)
        assert isinstance(reply.row, HostRequest)
        assert (reply.row.outcome, reply.row.original) == (Outcome.APPROVED, "0315021735-004711")
        assert made.book.settled() == {("898100053310001", "156"): 0}


def test_reversals_have_moods_of_their_own() -> None:
    made = host("reversal-silent:1")
    receive(made, sale(made))
    reply = receive(made, golden("host-ascii-reversal-advice-0420-req").body)
    assert reply.behaviour is Behaviour.SILENT
    assert isinstance(reply.row, HostReversal)
    assert made.book.settled() == {}
    lost = host("reversal-lost:1")
    receive(lost, sale(lost))
    receive(lost, golden("host-ascii-reversal-advice-0420-req").body)
    assert lost.book.settled() == {("898100053310001", "156"): 10_000}


def test_a_reversal_of_a_lost_void_does_not_touch_its_sale() -> None:
    made = host()
    receive(made, sale(made))
    fields = dict(golden("host-ascii-reversal-advice-0420-req").fields)
    fields[90] = "0200" + "004799" + "0315021735" + "0" * 22
    fields.pop(128)
    # Field 37 quotes the sale, field 90 the void that never came.
    row = receive(made, wire.close(made.codec, "0420", fields, KEYS.zak)).row
    assert isinstance(row, HostReversal)
    assert (row.effect, row.original) == (Effect.UNKNOWN, "0315021735-004799")
    assert made.book.settled() == {("898100053310001", "156"): 10_000}


def test_network_messages_are_told_apart() -> None:
    made = host()
    for name, what in (("signon-req-real", "sign-on"), ("cutover-req", "cut-over")):
        row = receive(made, golden(f"host-ascii-{name}").body).row
        assert isinstance(row, HostNetwork)
        assert (row.what, row.code) == (what, "00")
    row = receive(made, golden("host-ascii-keyexchange-req").body).row
    assert isinstance(row, HostNetwork)
    assert row.code == "12"


def test_a_type_that_nobody_knows_is_refused() -> None:
    made = host()
    body = made.codec.encode("0300", {7: "0315021530", 11: "000001"})
    assert made.codec.decode(receive(made, body).answer).get(39) == "12"


def test_what_cannot_be_read_raises_and_changes_nothing() -> None:
    made = host()
    with pytest.raises(DecodeError):
        receive(made, b"0200")
    assert made.book.entries == {}
