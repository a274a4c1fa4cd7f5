"""Against pyiso8583 as the oracle: the same values and bytes, or a difference written down here.

Where we refuse what it takes, the reason is one of STRICTER; where it refuses what we take, the
message has an odd pad nibble (a terminal may write any) and nothing else.
"""

import iso8583
import iso8583.specs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.errors import SpecError
from pointsman.codecs.pyiso import from_pyiso, to_pyiso
from pointsman.codecs.spec import Kind, Spec
from pointsman.codecs.walk import walk_far
from pointsman.codecs.write import walk_encode
from tests.codecs.golden import Golden, golden_messages
from tests.codecs.samples import messages, mutations, specs

STRICTER = {
    "not digits": "it takes any text in numeric fields, and letters in packed digits",
    "length is not digits": "it reads them with int(): signs, blanks, underscores",
    "message type is not four digits": "it takes any type",
    "bitmap is not hex characters": "it reads bitmaps with bytes.fromhex(), which takes blanks",
    "control characters": "it takes any character of the page",
    "not track characters": "it has no track fields",
    "not hex characters": "it has no hex fields: they are text to it",
    "not C or D and digits": "it has no signed fields",
    "length tells half an octet": "it counts hex fields as text",
}
LAXER = "nibbles, expecting"  # its words for a pad nibble other than the spec's


@settings(max_examples=100)
@given(st.data())
def test_both_write_the_same_bytes_and_read_them_alike(data: st.DataObject) -> None:
    spec = data.draw(specs())
    exported = to_pyiso(spec)
    mti, fields = data.draw(messages(spec))
    known = {n: value for n, value in fields.items() if str(n) in exported.spec}
    body, _ = walk_encode(spec, mti, known)
    theirs = {str(n): value for n, value in known.items()} | {"t": mti}
    raw, _ = iso8583.encode(theirs, exported.spec)
    assert bytes(raw) == body
    decoded, _ = iso8583.decode(body, exported.spec)
    assert {int(n): value for n, value in decoded.items() if n not in "htp1"} == known


@settings(max_examples=100)
@given(st.data())
def test_both_agree_on_mutated_messages_or_the_table_says_why(data: st.DataObject) -> None:
    spec = data.draw(specs())
    mti, fields = data.draw(messages(spec))
    exported = to_pyiso(spec)
    known = {n: value for n, value in fields.items() if str(n) in exported.spec}
    body, _ = walk_encode(spec, mti, known)
    compare(spec, exported.spec, data.draw(mutations(body)))


@settings(max_examples=100)
@given(st.sampled_from(golden_messages()), st.data())
def test_both_agree_on_mutated_golden_messages(message: Golden, data: st.DataObject) -> None:
    spec = get_spec(message.dialect)
    compare(spec, to_pyiso(spec).spec, data.draw(mutations(message.body)))


def compare(spec: Spec, exported: dict[str, dict[str, object]], body: bytes) -> None:
    ours = walk_far(spec, body)
    theirs, refusal = oracle(exported, body)
    if ours.error is not None:
        assert theirs is None or ours.error.reason in STRICTER or ours.error.field == 65
        return
    if theirs is None:
        # Rows that the dictionary cannot say are missing there.
        missing = [n for n in ours.values if str(n) not in exported]
        assert missing or LAXER in refusal
        return
    hexed = {n for n in ours.values if spec.fields[n].kind is Kind.BYTES}
    values = {n: (v.upper() if n in hexed else v) for n, v in theirs.items()}
    assert values == ours.values


def oracle(
    exported: dict[str, dict[str, object]], body: bytes
) -> tuple[dict[int, str] | None, str]:
    try:
        decoded, _ = iso8583.decode(body, exported)
    except (iso8583.DecodeError, KeyError) as error:
        return None, str(error)
    return {int(n): value for n, value in decoded.items() if n not in "htp1"}, ""


@pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)
def test_both_read_golden_messages_alike(message: Golden) -> None:
    exported = to_pyiso(get_spec(message.dialect))
    decoded, _ = oracle(exported.spec, message.body)
    assert decoded == message.fields


@pytest.mark.parametrize("name", codec_names())
def test_dialects_go_out_and_come_in_again(name: str) -> None:
    spec = get_spec(name)
    exported = to_pyiso(spec)
    again = from_pyiso(name, exported.spec, spec.fields, spec.framing)
    assert (again.mti, again.bitmap) == (spec.mti, spec.bitmap)
    for number, field in again.fields.items():
        # A pad of an even fixed field is never written, so it is not told either.
        there = spec.fields[number]
        assert field == there or (field.packed and there.size % 2 == 0 and not there.prefix)
    assert len(exported.notes) == len(spec.fields) - len(again.fields)


def test_default_dictionary_of_the_library_comes_in() -> None:
    hints = get_spec("ascii87-hexbitmap").fields
    source = iso8583.specs.default_ascii
    spec = from_pyiso("theirs", source, hints)
    body, _ = walk_encode(spec, "0200", {2: "4111111111111111", 4: "000000000100"})
    decoded, _ = iso8583.decode(body, source)
    assert decoded["2"] == "4111111111111111"


@pytest.mark.parametrize(
    "row",
    [
        {"data_enc": "utf-7", "len_enc": "ascii", "len_type": 0, "max_len": 3},
        {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": -3},
        {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0},
        {"data_enc": "ascii", "len_enc": "ascii", "len_type": 2, "max_len": 300},
    ],
)
def test_rows_that_cannot_be_are_refused_with_their_field(row: dict[str, object]) -> None:
    exported = to_pyiso(get_spec("cup-bcd")).spec | {"77": row}
    with pytest.raises(SpecError, match="field 77"):
        from_pyiso("theirs", exported, {})


def test_number_that_is_no_field_is_refused() -> None:
    exported = to_pyiso(get_spec("cup-bcd")).spec | {"129": {}}
    with pytest.raises(SpecError, match="129"):
        from_pyiso("theirs", exported, {})
