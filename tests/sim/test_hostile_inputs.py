"""The bad inputs: each is what its name says, and nothing in it moves money."""

import pytest

from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.sim.device import Device
from pointsman.sim.hostile_inputs import CLOSED, DECLINED_MINOR, FRAMING, SILENCE, Input, inputs
from pointsman.sim.issuer import DECLINES
from tests.sim.scripted import CODEC, SEALING

AT = "2026-03-15T10:17:35.000+00:00"


def made() -> dict[str, Input]:
    device = Device("898100053310001", "12345678", batch="000012")
    return {one.name: one for one in inputs(device, SEALING, AT)}


def test_names_are_unique_and_wanted_is_never_empty() -> None:
    device = Device("898100053310001", "12345678", batch="000012")
    found = list(inputs(device, SEALING, AT))
    assert len({one.name for one in found}) == len(found) >= 20
    assert all(one.wanted and one.parts for one in found)
    assert all("00" not in one.wanted for one in found)


def test_what_may_be_carried_out_is_declined_by_the_acquirers_table() -> None:
    assert DECLINED_MINOR % 100 in DECLINES
    assert (DECLINED_MINOR + 100) % 100 in DECLINES


@pytest.mark.parametrize("name", [name for name, one in made().items() if SILENCE in one.wanted])
def test_what_brings_no_answer_is_unreadable(name: str) -> None:
    wire = b"".join(made()[name].parts)
    try:
        frames = FRAMING.reader().feed(wire)
    except FrameError:
        return
    for frame in frames:
        with pytest.raises(DecodeError):
            CODEC.decode(FRAMING.open(frame).body)


@pytest.mark.parametrize(
    "name", [name for name, one in made().items() if not {SILENCE, CLOSED} & one.wanted]
)
def test_what_brings_a_code_can_be_read(name: str) -> None:
    for part in made()[name].parts:
        (frame,) = FRAMING.reader().feed(part)
        assert CODEC.decode(FRAMING.open(frame).body).get(41)


def test_only_the_wrong_mac_has_one() -> None:
    for name, one in made().items():
        if {SILENCE, CLOSED} & one.wanted or name == "no MAC":
            continue
        for part in one.parts:
            (frame,) = FRAMING.reader().feed(part)
            message = CODEC.decode(FRAMING.open(frame).body)
            sound = SEALING.keys.verifies(SEALING.method, message)
            assert sound is (name != "wrong MAC")
