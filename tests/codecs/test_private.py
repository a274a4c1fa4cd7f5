"""Private fields cut and joined: by position, repeated, by tag, and their faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.codec import get_spec
from pointsman.codecs.errors import DecodeError, EncodeError
from pointsman.codecs.parts import part_field
from pointsman.codecs.private import (
    REST,
    Get,
    join_positions,
    join_tags,
    layout_of,
    octets_of,
    split_positions,
    split_tags,
    text_of,
)
from pointsman.codecs.spec import Layout, LayoutKind, Spec, SubField
from tests.codecs.golden import Golden, golden, golden_messages

CONTROL = next(one for one in get_spec("cup-bcd").layouts if one.field == 60)
TAGGED = Layout(59, LayoutKind.TAGS, tag_size=2, length_size=3)
CUP = [one for one in golden_messages() if one.dialect.startswith("cup-bcd") and one.subfields]


def split_field(spec: Spec, number: int, mti: str, get: Get) -> dict[str, str]:
    parted = part_field(spec, number, mti, get)
    if parted.error is not None:
        raise parted.error
    return {part.key: part.value for part in parted.parts}


@pytest.mark.parametrize("message", CUP, ids=lambda message: message.name)
def test_parts_of_golden_messages(message: Golden) -> None:
    spec = get_spec(message.dialect)
    for key in ("60", "61"):
        if key in message.subfields:
            parts = split_field(spec, int(key), message.mti, message.fields.get)
            assert parts == message.subfields[key]
            layout = layout_of(spec, int(key), message.mti, message.fields.get)
            assert layout is not None
            assert join_positions(layout, parts) == message.fields[int(key)]


def test_repeated_parts_are_numbered_from_the_second_on() -> None:
    message = golden("cup-batch-upload-201-req")
    parts = split_field(get_spec("cup-bcd"), 48, message.mti, message.fields.get)
    assert (parts["count"], parts["stan"], parts["stan.2"], parts["stan.3"]) == (
        "03", "000120", "000132", "000140",
    )  # fmt: skip
    layout = layout_of(get_spec("cup-bcd"), 48, message.mti, message.fields.get)
    assert layout is not None
    assert join_positions(layout, parts) == message.fields[48]


def test_settlement_totals_and_batch_end_have_layouts_of_their_own() -> None:
    spec = get_spec("cup-bcd")
    message = golden("cup-settle-resp-unbalanced")
    parts = split_field(spec, 48, message.mti, message.fields.get)
    assert (parts["domestic.result"], parts["foreign.result"]) == ("2", "1")
    message = golden("cup-batch-end-202-req")
    assert set(split_field(spec, 48, message.mti, message.fields.get)) == {"items"}


def test_payment_code_is_found_in_octets() -> None:
    message = golden("cup-qr-c2b-sale-req")
    spec = get_spec("cup-bcd")
    assert split_field(spec, 59, message.mti, message.fields.get) == {"A3": "6216261000000000018"}
    text = text_of(spec, 59, message.fields[59])
    assert octets_of(spec, 59, text) == message.fields[59]
    assert octets_of(spec, 60, "22") == text_of(spec, 60, "22") == "22"


def test_field_without_layout_or_absent_has_no_parts() -> None:
    spec = get_spec("cup-bcd")
    assert split_field(spec, 41, "0200", {41: "12345678"}.get) == {}
    assert split_field(spec, 60, "0200", dict[int, str]().get) == {}


@given(st.text("0123456789", max_size=40))
def test_positions_are_cut_as_far_as_the_value_reaches(value: str) -> None:
    parts = split_positions(CONTROL, value)
    assert "".join(parts.values()) == value
    assert (REST in parts) == (len(value) > 17)


@given(
    st.dictionaries(
        st.text("ABC0123456789", min_size=2, max_size=2), st.text("xyz ", max_size=30), max_size=6
    )
)
def test_tags_joined_are_split_to_themselves(values: dict[str, str]) -> None:
    assert split_tags(TAGGED, join_tags(TAGGED, values)) == values


@given(st.text("A3019 +-\u0663", max_size=30))
def test_any_text_gives_tags_or_the_typed_error(text: str) -> None:
    try:
        split_tags(TAGGED, text)
    except DecodeError as error:
        assert error.field == 59  # noqa: PT017 - any other type fails by itself


@pytest.mark.parametrize(
    "text",
    [
        "A3",
        "A301",
        "A3-01x",
        "A3+01x",
        "A3 01x",
        "A3\u0660\u0660\u0661x",
        "A3002x",
        "..001x",
        "A3001xA3001y",
    ],
)
def test_hostile_tags_are_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        split_tags(TAGGED, text)


@pytest.mark.parametrize(
    "parts",
    [{"60.2_batch": "000001"}, {"60.1_txn_type": "2"}, {"60.1_txn_type": "22", "other": "1"}],
)
def test_parts_that_do_not_fit_are_not_joined(parts: dict[str, str]) -> None:
    with pytest.raises(EncodeError):
        join_positions(CONTROL, parts)


def test_tags_that_do_not_fit_are_not_joined() -> None:
    for values in ({"A": "x"}, {"A3": "x" * 1000}):
        with pytest.raises(EncodeError):
            join_tags(TAGGED, values)
    lead = Layout(48, LayoutKind.TAGS, (SubField("42", "mark"),), 2, 2, skip=1)
    assert join_tags(lead, {"42": "010"}, "T") == "T4203010"
    assert split_tags(lead, "T4203010") == {"42": "010"}
    with pytest.raises(EncodeError, match="begin"):
        join_tags(lead, {})
