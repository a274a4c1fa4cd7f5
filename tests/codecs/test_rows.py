"""Rows: from columns to a field and back, over a base, every cell of the tables."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.rows import read_row, write_row
from pointsman.codecs.spec import Field, Pad, Side
from tests.codecs.samples import rows


@given(rows(7))
def test_row_written_is_read_to_the_same_field(field: Field) -> None:
    again = read_row(7, write_row(field), None)
    # A pad is a column of packed digits alone.
    assert write_row(again) == write_row(field)


@given(st.sampled_from(codec_names()), st.data())
def test_empty_row_over_a_base_is_the_base(name: str, data: st.DataObject) -> None:
    spec = get_spec(name)
    number = data.draw(st.sampled_from(sorted(spec.fields)))
    assert read_row(number, {}, spec.fields[number]) == spec.fields[number]


def test_one_column_changes_one_thing() -> None:
    base = get_spec("cup-bcd").fields[35]
    changed = read_row(35, {"pad": "left F"}, base)
    assert changed.pad == Pad(Side.LEFT, "F")
    assert (changed.prefix, changed.size, changed.show) == (base.prefix, base.size, base.show)
