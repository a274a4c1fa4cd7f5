"""Writing into a message: exactly there, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.patch import place


@given(st.binary(max_size=30), st.binary(max_size=8), st.integers(-5, 40), st.booleans())
def test_a_piece_stands_where_it_was_put_and_nothing_else_moves(
    data: bytes, piece: bytes, offset: int, hexed: bool
) -> None:
    message = bytearray(data)
    shown = piece.hex().upper().encode() if hexed else piece
    if offset >= 0 and offset + len(shown) <= len(data):
        place(message, offset, piece, hexed=hexed)
        assert message == data[:offset] + shown + data[offset + len(shown) :]
    else:
        with pytest.raises(ValueError, match="no room"):
            place(message, offset, piece, hexed=hexed)
        assert message == data
