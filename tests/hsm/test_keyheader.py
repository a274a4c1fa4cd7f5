"""The clear part of key blocks."""

import warnings

import pytest

from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.keyheader import (
    BLOCK_SIZE_MAX,
    Header,
    KeyBlockError,
    Option,
    header_text,
    pad_size,
    parse_header,
)
from pointsman.hsm.primitives import Algorithm

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # psec uses names that cryptography has put away
    from psec import tr31

KBPK = bytes(range(32))
D = Wrapper(KBPK, Algorithm.AES)


@pytest.mark.parametrize("count", ["0x", "-1", "99", "05"])
def test_header_that_tells_a_wrong_number_of_options_is_refused(count: str) -> None:
    with pytest.raises(KeyBlockError):
        parse_header(f"D0112P0AE00E{count}00".encode())


def test_long_optional_block_takes_the_extended_length() -> None:
    header = Header("D", "P0", "T", "E", options=(Option("LB", "x" * 300),))
    block = D.seal(header, KBPK[:16], bytes(14))
    assert D.open(block).header.option("LB") == "x" * 300
    assert block[16:26] == b"LB00020136"  # two pairs of digits: 310 characters in all


@pytest.mark.parametrize("size", [0, 7, 8, 9, 12, 251, 252, 300])
def test_optional_blocks_are_psec_s_letter_by_letter(size: int) -> None:
    header = Header("D", "P0", "T", "E", options=(Option("LB", "x" * size),))
    theirs = tr31.Header("D", "P0", "T", "E", "00", "N")
    theirs.blocks["LB"] = "x" * size
    assert header_text(header, 32).decode() == theirs.dump(16)
    assert parse_header(header_text(header, 32)).option("LB") == "x" * size


def test_wrong_padding_or_size_is_refused() -> None:
    header = Header("D", "P0", "T", "E")
    for pad in (b"", bytes(13), bytes(15)):
        with pytest.raises(KeyBlockError):
            D.seal(header, KBPK[:16], pad)
    long = Header("D", "P0", "T", "E", options=(Option("LB", "x" * BLOCK_SIZE_MAX),))
    with pytest.raises(KeyBlockError):
        D.seal(long, KBPK[:16], bytes(14))
    for option in (
        Option("L", "x"),
        Option("LB", "\n"),
        Option("LB", "\u00e9"),
        Option("LB", "\x7f"),
    ):
        bad = Header("D", "P0", "T", "E", options=(option,))
        with pytest.raises(KeyBlockError):
            D.seal(bad, KBPK[:16], bytes(14))


def test_length_of_a_key_does_not_show_in_its_block() -> None:
    header = Header("D", "K1", "A", "B")
    sizes = {len(D.seal(header, KBPK[:n], bytes(pad_size(header, n)))) for n in (16, 24, 32)}
    assert len(sizes) == 1


def test_header_with_something_behind_it_is_no_header() -> None:
    assert parse_header(b"D0112P0AE00E0000").usage == "P0"
    with pytest.raises(KeyBlockError):
        parse_header(b"D0112P0AE00E0000X")
