"""BER-TLV: what is built is parsed to itself, and hostile data is refused in bounded time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.errors import DecodeError, EncodeError
from pointsman.codecs.tlv import DEPTH_MAX, TAGS_MAX, Tlv, build_tlv, parse_tlv, walk_tlv
from tests.codecs.golden import Golden, golden_messages

CHIP = [message for message in golden_messages() if "55" in message.subfields]
TAGS = ["82", "84", "95", "9A", "9F02", "9F10", "9F26", "5F2A", "DF31", "DF8101", "BF0C", "57"]


@given(
    st.lists(
        st.builds(Tlv, st.sampled_from(TAGS), st.binary(max_size=300)), unique_by=lambda t: t.tag
    )
)
def test_objects_built_are_parsed_to_themselves(objects: list[Tlv]) -> None:
    assert list(parse_tlv(build_tlv(objects))) == objects


@given(st.binary(max_size=200))
def test_any_bytes_give_objects_or_the_typed_error(data: bytes) -> None:
    try:
        objects = parse_tlv(data)
        list(walk_tlv(data))
    except DecodeError as error:
        assert 0 <= error.offset <= len(data)  # noqa: PT017 - any other type fails by itself
        return
    assert sum(len(one.value) for one in objects) <= len(data)


@pytest.mark.parametrize("message", CHIP, ids=lambda message: message.name)
def test_chip_data_of_golden_messages_gives_its_tags(message: Golden) -> None:
    data = bytes.fromhex(message.fields[55])
    objects = parse_tlv(data)
    assert {one.tag: one.value.hex().upper() for one in objects} == message.subfields["55"]
    assert build_tlv(objects) == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("9F", "ends inside a tag"),
        ("9FFFFFFFFF01", "tag is too long"),
        ("95", "ends before a length"),
        ("9505AABB", "5 bytes announced, 2 left"),
        ("9580", "length is indefinite"),
        ("9581", "ends inside a length"),
        ("95847FFFFFFF", "length is too long"),
        ("958480000000", "length is too long"),
        ("95888000000000000000", "length is too long"),
        ("95FFFFFFFFFF", "length is too long"),
        ("950195" + "950195", "tag comes twice"),
    ],
)
def test_hostile_lengths_and_tags_are_refused(data: str, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason):
        parse_tlv(bytes.fromhex(data))


def test_scripts_may_repeat_and_zero_bytes_mean_nothing() -> None:
    objects = parse_tlv(bytes.fromhex("0072038601000000720386010100"))
    assert [one.value.hex() for one in objects] == ["860100", "860101"]


def test_too_many_tags_are_refused() -> None:
    data = bytes.fromhex("8600") * (TAGS_MAX + 1)
    with pytest.raises(DecodeError, match="more than"):
        parse_tlv(data)


def test_a_thousand_templates_in_each_other_are_refused() -> None:
    data = b""
    for _ in range(1000):
        size = len(data)
        length = bytes((size,)) if size < 128 else b"\x82" + size.to_bytes(2, "big")
        data = b"\x70" + length + data
    with pytest.raises(DecodeError, match=f"nested deeper than {DEPTH_MAX}"):
        list(walk_tlv(data))


def test_fault_in_a_template_is_told_at_its_byte() -> None:
    with pytest.raises(DecodeError) as caught:
        list(walk_tlv(bytes.fromhex("820200FF720486059999")))
    assert (caught.value.sub, caught.value.offset) == ("86", 8)


@pytest.mark.parametrize("tag", ["", "9", "9f02", "00", "9F", "9502", "XX"])
def test_what_is_no_tag_is_not_built(tag: str) -> None:
    with pytest.raises(EncodeError):
        build_tlv([Tlv(tag, b"")])


def test_value_too_long_is_not_built() -> None:
    with pytest.raises(EncodeError, match="too long"):
        build_tlv([Tlv("95", bytes(1 << 16))])


def test_printing_shows_no_value() -> None:
    assert repr(Tlv("5A", b"\x41" * 8)) == "Tlv(5A, 8 bytes)"
