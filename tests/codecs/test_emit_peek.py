"""The text of peeking code: only the stretches that hold wanted fields become text."""

from pointsman.codecs.codec import get_spec
from pointsman.codecs.emit_peek import emit_peek
from tests.codecs.golden import golden

SALE = golden("cup-sale-chip-pin-req")
CUP = get_spec("cup-bcd")


def peek(*wanted: int) -> str:
    return emit_peek(CUP, tuple(SALE.fields), 8, wanted)[0]


def test_fields_behind_the_last_wanted_are_not_measured() -> None:
    source = peek(3, 4)
    assert "n35" not in source
    assert "chip_data" not in source
    assert "chip_data" in peek(60)


def test_neighbours_share_a_stretch() -> None:
    assert peek(3, 4, 11).count(".hex()") == 2  # the message type and one stretch
    assert peek(3, 53).count(".hex()") == 3


def test_gap_is_taken_along_only_where_it_passes_the_same_check() -> None:
    # Between 25 and 53 stand track, text and PIN block: no digits all of them.
    assert peek(25, 53).count("body[") > peek(25, 26).count("body[")


def test_later_fields_may_have_no_row() -> None:
    source, _ = emit_peek(CUP, (3, 5, 66), 16, (3,))
    assert "processing_code" in source
