"""Writing a piece into a message where room was left for it.

Whose bytes they are and where they go is ``engine``'s and ``payshield``'s.
"""


def place(data: bytearray, offset: int, piece: bytes, *, hexed: bool = False) -> None:
    """Write ``piece``, or its hex characters, at ``offset``; ValueError where it does not fit."""
    shown = piece.hex().upper().encode() if hexed else piece
    if not 0 <= offset <= len(data) - len(shown):
        raise ValueError("no room at the offset")
    data[offset : offset + len(shown)] = shown
