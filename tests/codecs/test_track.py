"""Track 2 in text and packed form, its faults, and that it is not printed."""

import pytest

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.track import parse_track2
from tests.codecs.golden import golden_messages

PAN = "6226388000000095"


@pytest.mark.parametrize("separator", ["=", "D"])
def test_parts_of_a_track(separator: str) -> None:
    track = parse_track2(f"{PAN}{separator}30122010000012300")
    assert (track.pan, track.expiry, track.service_code) == (PAN, "3012", "201")
    assert track.discretionary == "0000012300"


@pytest.mark.parametrize("text", [f"{PAN}===12", f"{PAN}DDD12"])
def test_expiry_and_service_code_may_be_absent(text: str) -> None:
    track = parse_track2(text)
    assert (track.expiry, track.service_code, track.discretionary) == ("", "", "12")


def test_tracks_of_golden_messages_agree_with_their_card() -> None:
    found = 0
    for message in golden_messages():
        if 35 in message.fields and message.fields.get(53, "000")[2] != "1":
            track = parse_track2(message.fields[35])
            assert message.fields.get(2, track.pan) == track.pan
            found += 1
    assert found > 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        PAN,
        f"{PAN}=301",
        "123=3012201",
        f"{PAN}=\u0663\u0660\u0661\u0662\u0662\u0660\u0661",
        f"{PAN}=3012201\n",
    ],
)
def test_what_is_no_track_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_track2(text)
    assert PAN not in str(caught.value)
    assert caught.value.field == 35


def test_printing_masks_the_card() -> None:
    shown = repr(parse_track2(f"{PAN}=30122010000012300"))
    assert PAN not in shown
    assert "3012" not in shown
    assert "622638" in shown
