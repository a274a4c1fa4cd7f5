"""Headers: what is refused, what is sealed, what an answer's header is."""

import pytest

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.framing import Envelope, get_framing
from pointsman.codecs.header import HeaderKind, answer_header, check_header, seal_header

VISA = bytes([22, 1, 2]) + b"\0\0" + bytes.fromhex("111111222222") + bytes(11)
CUPS = b"\x2e\x02" + b"0000" + b"00012345678" + b"00087654321" + bytes(18)


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        (HeaderKind.CUP6, bytes.fromhex("60310031100A")),
        (HeaderKind.CUP6, b"\x60\x31"),
        (HeaderKind.VISA22, bytes(22)),
        (HeaderKind.CUPS46, b"\x2e" + b"\x02" + b"-123" + bytes(40)),
        (HeaderKind.CUPS46, bytes(46)),
        (HeaderKind.BASE24, b"XSO016000075"),
    ],
)
def test_header_not_of_its_kind_is_refused(kind: HeaderKind, header: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        check_header(kind, header, 7)
    assert caught.value.offset >= 7


def test_processing_requirement_goes_into_digit_six() -> None:
    header = bytes.fromhex("603100311003")
    assert answer_header(HeaderKind.CUP6, header, 3).hex() == "603103311003"
    with pytest.raises(ValueError, match="one digit"):
        answer_header(HeaderKind.CUP6, header, 10)


def test_interchange_headers_swap_their_addresses_and_count_their_message() -> None:
    answer = answer_header(HeaderKind.CUPS46, seal_header(HeaderKind.CUPS46, CUPS, 100), 0)
    assert answer[2:6] == b"0146"
    assert answer[6:28] == b"0008765432100012345678"
    answer = answer_header(HeaderKind.VISA22, seal_header(HeaderKind.VISA22, VISA, 100), 0)
    assert answer[3:11] == b"\x00\x7a" + bytes.fromhex("222222111111")
    assert seal_header(HeaderKind.BASE24, b"ISO016000075", 5) == b"ISO016000075"
    assert answer_header(HeaderKind.BASE24, b"ISO016000075", 0) == b"ISO016000075"


@pytest.mark.parametrize(
    ("name", "header"), [("visa", VISA), ("cups46", CUPS), ("base24", b"ISO016000075")]
)
def test_profiles_with_headers_open_what_they_close(name: str, header: bytes) -> None:
    framing = get_framing(name)
    wire = framing.close(Envelope(b"", header, b""), b"message")
    (frame,) = framing.reader().feed(wire)
    envelope = framing.open(frame)
    assert envelope.body == b"message"
    again = framing.reply(envelope, b"answer")
    assert framing.open(framing.reader().feed(again)[0]).body == b"answer"


def test_header_of_the_wrong_size_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="wants 22 bytes"):
        seal_header(HeaderKind.VISA22, b"", 1)
