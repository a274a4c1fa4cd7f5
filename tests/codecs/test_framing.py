"""Streams cut into frames however they arrive, and envelopes opened and answered.

The headers' own rules are in test_header.py.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.framing import FRAMINGS, Envelope, Framing, get_framing
from pointsman.codecs.lengths import LengthKind
from tests.codecs.golden import golden, stream

PLAIN = [row for row in FRAMINGS.values() if not row.tpdu and row.header.size == 0]


@given(
    st.sampled_from(PLAIN),
    st.lists(st.binary(min_size=1, max_size=50), max_size=8),
    st.lists(st.integers(1, 30), min_size=1),
)
def test_any_split_of_a_stream_gives_the_same_frames(
    framing: Framing, payloads: list[bytes], steps: list[int]
) -> None:
    wire = b"".join(framing.close(Envelope(b"", b"", one), one) for one in payloads)
    reader = framing.reader()
    got: list[bytes] = []
    start = turn = 0
    while start < len(wire):
        step = steps[turn % len(steps)]
        got += reader.feed(wire[start : start + step])
        start, turn = start + step, turn + 1
    assert got == payloads
    assert reader.pending == 0


@given(st.sampled_from(sorted(FRAMINGS)), st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_give_frames_or_the_typed_error(name: str, chunks: list[bytes]) -> None:
    framing = get_framing(name)
    reader = framing.reader()
    try:
        for chunk in chunks:
            for frame in reader.feed(chunk):
                framing.open(frame)
            assert reader.pending <= framing.size_max + 4
    except DecodeError as error:
        assert error.reason  # noqa: PT017 - any escape but this type fails the test by itself


def test_two_messages_in_one_segment_are_two_frames() -> None:
    wire = stream("edge-two-messages-one-segment")
    framing = get_framing("tpdu-header")
    whole = framing.reader().feed(wire)
    reader = framing.reader()
    singly = [frame for i in range(len(wire)) for frame in reader.feed(wire[i : i + 1])]
    assert len(whole) == 2
    assert singly == whole
    assert len(whole[0]) + 2 == 54


def test_length_too_long_is_waited_for() -> None:
    wire = stream("edge-length-too-long")
    reader = get_framing("tpdu-header").reader()
    assert reader.feed(wire) == []
    assert reader.pending == len(wire)
    assert len(reader.feed(bytes(42))) == 1


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("len2", "0000"),
        ("len2", "1001"),
        ("len2-inclusive", "0002"),
        ("len4", "FFFFFFFF"),
        ("len4", "80000000"),
        ("bcd2", "00A0"),
        ("visa", "00100001"),
        ("ascii4", b"-012".hex()),
        ("ascii4", b"+012".hex()),
        ("ascii4", b" 012".hex()),
        ("ascii4", b"1_00".hex()),
        ("ascii4", "\u0663".encode().hex() * 2),
        ("ascii4", b"0000".hex()),
        ("ascii4", b"GET ".hex()),
    ],
)
def test_length_that_is_none_ends_the_stream(name: str, prefix: str) -> None:
    with pytest.raises(FrameError):
        get_framing(name).reader().feed(bytes.fromhex(prefix))


def test_frames_before_a_bad_length_are_not_lost() -> None:
    with pytest.raises(FrameError) as caught:
        get_framing("len2").reader().feed(b"\0\x02ab\0\x01c\0\0")
    assert caught.value.frames == (b"ab", b"c")


def test_largest_frame_passes_and_one_more_byte_does_not() -> None:
    framing = replace(get_framing("ascii4"), size_max=10)
    assert framing.reader().feed(b"00100123456789") == [b"0123456789"]
    with pytest.raises(FrameError):
        framing.reader().feed(b"0011")
    with pytest.raises(ValueError, match="11 bytes"):
        framing.close(Envelope(b"", b"", b""), bytes(11))


@pytest.mark.parametrize("kind", list(LengthKind))
@pytest.mark.parametrize("inclusive", [False, True])
def test_every_length_kind_reads_what_it_writes(kind: LengthKind, inclusive: bool) -> None:
    framing = Framing("test", "", kind, inclusive=inclusive)
    wire = framing.close(Envelope(b"", b"", b""), b"x" * 300)
    assert framing.reader().feed(wire) == [b"x" * 300]


def test_reply_swaps_the_addresses_and_sets_the_requirement() -> None:
    framing = get_framing("tpdu-header")
    (frame,) = framing.reader().feed(golden("cup-sale-chip-pin-req").wire)
    envelope = framing.open(frame)
    wire = framing.reply(envelope, b"answer", requirement=3)
    assert wire.hex() == "0011" + "6000000501" + "603103311003" + b"answer".hex()


def test_other_tpdu_identifier_is_refused() -> None:
    with pytest.raises(DecodeError, match="identifier"):
        get_framing("tpdu").open(bytes.fromhex("6105010000") + b"x")


def test_frame_shorter_than_its_headers_is_refused() -> None:
    framing = get_framing("dial33")
    whole = bytes.fromhex("6005010000") + b"LRI\x00\x1c" + bytes(28) + bytes.fromhex("603100311003")
    assert framing.open(whole).monitor == whole[5:38]
    for size in range(len(whole)):
        with pytest.raises(DecodeError):
            framing.open(whole[:size])


def test_envelope_prints_no_message_bytes() -> None:
    assert "secret" not in repr(Envelope(b"", b"", b"secret"))


def test_unknown_framing_is_told_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="tpdu-header"):
        get_framing("tpdu_header")
