"""Every way in which bytes may be framed; which one is right is test_guess.py's."""

from pointsman.codecs.framing import FRAMINGS, get_framing
from pointsman.codecs.opening import bare, open_framed, openings
from tests.codecs.golden import golden, stream

SALE = golden("cup-sale-chip-pin-req")


def names(wire: bytes) -> set[tuple[str, bool]]:
    found = openings(wire, FRAMINGS.values())
    return {(one.framing.name, one.has_length) for one in found if one.framing}


def test_right_framing_is_among_the_ways() -> None:
    assert ("tpdu-header", True) in names(SALE.wire)
    assert ("tpdu-header", False) in names(SALE.wire[2:])
    assert bare(SALE.body).envelope.body == SALE.body


def test_message_begins_where_the_opening_says() -> None:
    opening = open_framed(SALE.wire, get_framing("tpdu-header"))
    assert opening is not None
    assert SALE.wire[opening.offset :] == SALE.body == opening.envelope.body
    assert opening.rest == b""
    assert "SALE" not in repr(opening)
    assert SALE.wire.hex() not in repr(opening)


def test_what_follows_a_frame_is_kept() -> None:
    wire = stream("edge-two-messages-one-segment")
    opening = open_framed(wire, get_framing("tpdu-header"))
    assert opening is not None
    assert opening.rest == wire[54:]


def test_length_that_announces_too_much_is_kept_with_its_fault() -> None:
    opening = open_framed(stream("edge-length-too-long"), get_framing("tpdu-header"))
    assert opening is not None
    assert opening.fault is not None
    assert "158" in opening.fault.reason


def test_bytes_that_are_no_frame_open_in_no_way() -> None:
    framing = get_framing("ascii4")
    for wire in (b"", b"0004", b"-004abcd", b"0000abcd"):
        assert open_framed(wire, framing) is None
