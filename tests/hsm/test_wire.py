"""Frames: every request and answer survives the wire in any pieces; bombs and junk do not pass."""

from contextlib import suppress
from dataclasses import fields
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm import commands as c
from pointsman.hsm.wire import (
    ITEMS_MAX,
    FrameError,
    FrameReader,
    frame,
    frames,
    read_answers,
    read_requests,
)

# The wire's numbers have 64 bits, and its text no lone surrogates: from_type would draw any.
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"])))
requests = st.one_of([st.from_type(kind) for kind in get_args(c.Request)])
answers = st.one_of([st.from_type(kind) for kind in get_args(c.Answer)])


@given(st.lists(requests, max_size=4), st.integers(1, 50))
def test_requests_survive_in_any_pieces(asked: list[c.Request], step: int) -> None:
    data = frame(enumerate(asked)) + frame([])
    reader = FrameReader()
    chunks = [data[at : at + step] for at in range(0, len(data), step)]
    payloads = [payload for chunk in chunks for payload in reader.feed(chunk)]
    assert [read_requests(payload) for payload in payloads] == [list(enumerate(asked)), []]


@given(st.lists(answers, max_size=4))
def test_answers_survive(told: list[c.Answer]) -> None:
    (payload,) = FrameReader().feed(frame(enumerate(told)))
    assert read_answers(payload) == list(enumerate(told))


@given(st.binary(max_size=60))
def test_any_payload_gives_items_or_the_one_error(payload: bytes) -> None:
    for read in (read_requests, read_answers):
        with suppress(FrameError):
            assert isinstance(read(payload), list)


@given(st.binary(max_size=40))
def test_any_bytes_are_collected_or_refused(data: bytes) -> None:
    reader = FrameReader(size_max=32)
    with suppress(FrameError):
        for payload in reader.feed(data):
            assert len(payload) <= 32


def test_lengths_are_one_to_the_limit() -> None:
    assert FrameReader(size_max=3).feed(b"\0\0\0\3\1ab") == [b"ab"]
    assert FrameReader(size_max=3).feed(b"\0\0\0\1\1") == [b""]
    for head in (bytes(4), b"\0\0\0\4"):
        with pytest.raises(FrameError, match="length"):
            FrameReader(size_max=3).feed(head)
    requests_at_most = frame([(n, c.AskHead()) for n in range(ITEMS_MAX)])
    assert len(read_requests(requests_at_most[5:])) == ITEMS_MAX == 1_024
    with pytest.raises(FrameError, match="items"):
        read_requests(frame([(n, c.AskHead()) for n in range(1_025)])[5:])


def test_frame_that_is_too_long_is_not_made() -> None:
    with pytest.raises(FrameError, match="too long"):
        frame([(1, c.Rewrap((bytes(1 << 20),)))])


@pytest.mark.parametrize("request_made", [c.NewKey("TMK", "\ud800"), c.NewKey("TMK", "", 1 << 64)])
def test_value_that_the_wire_cannot_carry_is_a_frame_error(request_made: c.NewKey) -> None:
    with pytest.raises(FrameError, match="cannot carry"):
        frame([(1, request_made)])


@pytest.mark.parametrize(
    "body", [b"\x91\x93\x01\xa1\x81\xc0", b"\x91\x93\x01\xa7TokenOf\x81\xa3pan\xa1\x81"]
)
def test_text_that_is_not_utf_8_is_refused(body: bytes) -> None:
    # Found by the fuzzer: the decoder raises a bare UnicodeDecodeError, which ended the process.
    with suppress(FrameError):
        assert read_requests(body) == [(1, None)]


def test_one_unfit_request_does_not_stop_the_others() -> None:
    long, fit = c.Rewrap((bytes(1 << 20),)), c.TokenOf("1234")
    data, unfit = frames([(1, fit), (2, long), (3, fit)])
    assert unfit == [2]
    payloads = FrameReader().feed(data)
    assert [read_requests(payload) for payload in payloads] == [[(1, fit)], [(3, fit)]]


def test_every_secret_field_is_out_of_the_repr() -> None:
    open_fields = {
        field.name
        for kind in (*get_args(c.Request), *get_args(c.Answer))
        if not issubclass(kind, c.Part)
        for field in fields(kind)
        if field.repr
    }
    assert not open_fields & {
        "pan", "block", "key", "data", "mac", "clear_hex", "track", "pvv", "cvv", "cipher", "token",
        "host", "source", "target", "tmk", "zmk", "mac_key", "wrapped", "field62", "bdk", "items",
    }  # fmt: skip
    assert repr(c.Outbound(c.MacCheck(b"secret", c.MacMethod.CUP_ECB, b"", b""))) == "Outbound(...)"
    for kind in (c.MacCheck, c.MacMake, c.PanSeal, c.PinTranslate, c.HostMessage, c.Dukpt):
        assert issubclass(kind, c.Part)  # whose repr shows no field
    assert repr(c.InboundDone(True, b"secret")).count("secret") == 0
    assert repr(c.OutboundDone(host=b"secret")).count("secret") == 0
