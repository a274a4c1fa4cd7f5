"""Framing and dialect from bytes alone; what is wrong with a broken message; how sure."""

import pytest

from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.framing import FRAMINGS
from pointsman.codecs.guess import Verdict, differing_rows, guess
from pointsman.codecs.opening import bare, openings
from tests.codecs.golden import Golden, golden, golden_messages

SPECS = [get_spec(name) for name in codec_names()]
ALL = pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)


def judge(wire: bytes) -> Verdict:
    return guess([bare(wire), *openings(wire, FRAMINGS.values())], SPECS)


@ALL
def test_golden_message_is_recognised_framed(message: Golden) -> None:
    verdict = judge(message.wire)
    best = verdict.best
    assert best.whole
    assert best.spec.name == message.dialect
    assert (best.opening.framing and best.opening.framing.name) == message.framing
    assert best.opening.envelope.body == message.body
    assert verdict.percent >= 50


@ALL
def test_golden_message_is_recognised_bare(message: Golden) -> None:
    best = judge(message.body).best
    assert (best.spec.name, best.opening.framing) == (message.dialect, None)


@pytest.mark.parametrize(
    "name", ["cup-sale-chip-pin-req", "host-ascii-sale-req", "nii-void-req-real"]
)
def test_message_with_a_broken_byte_still_finds_its_dialect(name: str) -> None:
    message = golden(name)
    at = message.wire.index(message.body) + len(message.body) // 2
    right = 0
    for i in range(at, at + 20):
        broken = message.wire[:i] + b"\xee" + message.wire[i + 1 :]
        right += judge(broken).best.spec.name == message.dialect
    assert right >= 18


def test_being_less_sure_of_a_broken_message() -> None:
    wire = golden("cup-sale-chip-pin-req").wire
    broken = wire[:37] + b"\xaa" + wire[38:]
    assert judge(broken).percent < 50 < judge(wire).percent


def test_rows_that_differ_are_named() -> None:
    cup, nii = get_spec("cup-bcd"), get_spec("nii-bcd")
    assert differing_rows(cup, nii, [3, 4, 11]) == ()
    assert set(differing_rows(cup, nii, [2, 3, 22, 24, 60])) == {2, 22, 24, 60}


def test_nothing_sensible_is_told_as_such() -> None:
    for wire in (b"", b"GET / HTTP/1.1\r\n\r\n", bytes(40), b"\xff" * 40):
        verdict = judge(wire)
        assert not verdict.best.whole
        assert verdict.percent < 30
