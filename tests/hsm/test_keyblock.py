"""Key blocks: what is sealed opens, whatever is changed does not, and nothing old is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.keyblock import Wrapper, strength
from pointsman.hsm.keyheader import (
    Header,
    KeyBlockError,
    Option,
    pad_size,
    peek,
)
from pointsman.hsm.primitives import Algorithm

KBPK = bytes(range(32))
D = Wrapper(KBPK, Algorithm.AES)
B = Wrapper(KBPK[:16], Algorithm.TDES)
SAMPLE = D.seal(Header("D", "P0", "T", "E", options=(Option("LB", "abc"),)), KBPK[:16], bytes(14))
printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
headers = st.builds(
    Header,
    st.just("D"),
    st.sampled_from(["P0", "K0", "M3", "10"]),
    st.just("A"),
    st.sampled_from("EDBCGVNX"),
    options=st.lists(st.builds(Option, st.sampled_from(["LB", "TS", "10"]), printable)).map(tuple),
)


@given(headers, st.sampled_from([16, 24, 32]))
def test_what_is_sealed_opens_with_its_header(header: Header, size: int) -> None:
    key = KBPK[:size]
    block = D.seal(header, key, bytes(pad_size(header, size)))
    opened = D.open(block)
    assert opened.key == key
    kept = tuple(option for option in opened.header.options if option.kind != "PB")
    assert kept == header.options
    assert peek(block) == opened.header
    assert int(block[1:5]) == len(block)


def test_every_changed_character_closes_the_block() -> None:
    for at in range(len(SAMPLE)):
        for character in b"0A~\x00\xff":
            changed = SAMPLE[:at] + bytes((character,)) + SAMPLE[at + 1 :]
            if changed != SAMPLE:
                with pytest.raises(KeyBlockError):
                    D.open(changed)


@given(st.integers(0, len(SAMPLE) - 1))
def test_cut_block_is_refused(size: int) -> None:
    with pytest.raises(KeyBlockError):
        D.open(SAMPLE[:size])
    with pytest.raises(KeyBlockError):
        D.open(SAMPLE + SAMPLE[:size] + b"x")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_label(data: bytes) -> None:
    with pytest.raises(KeyBlockError) as caught:
        D.open(b"D" + data)
    assert caught.value.label
    assert "key block refused" in str(caught.value)


def test_secret_parts_are_in_no_repr() -> None:
    opened = D.open(SAMPLE)
    assert repr(opened.key) not in repr(opened)
    assert repr(opened.clear) not in repr(opened)


@pytest.mark.parametrize("version", ["A", "C"])
def test_variant_versions_are_read_and_not_written(version: str) -> None:
    header = Header(version, "P0", "T", "E")
    block = B.seal_as_given(header, KBPK[:16], bytes(6))
    assert B.open(block).key == KBPK[:16]
    with pytest.raises(KeyBlockError, match="refused"):
        B.seal(header, KBPK[:16], bytes(6))
    with pytest.raises(KeyBlockError):
        B.open(block[:-1] + (b"0" if block[-1:] != b"0" else b"1"))
    with pytest.raises(KeyBlockError):
        D.seal_as_given(header, KBPK[:16], bytes(6))


def test_block_of_another_version_needs_another_key() -> None:
    with pytest.raises(KeyBlockError) as caught:
        B.open(SAMPLE)
    assert caught.value.label == "version"


def test_a_key_wraps_no_stronger_one() -> None:
    weak = Wrapper(KBPK[:16], Algorithm.AES)
    header = Header("D", "K1", "A", "B")
    with pytest.raises(KeyBlockError) as caught:
        weak.seal(header, KBPK, bytes(pad_size(header, 32)))
    assert caught.value.label == "stronger_key"
    triple = Header("B", "P0", "T", "E")
    with pytest.raises(KeyBlockError):
        B.seal(triple, KBPK[:24], bytes(pad_size(triple, 24)))


def test_only_ciphers_for_key_blocks_are_taken() -> None:
    with pytest.raises(ValueError, match="TDES or AES"):
        Wrapper(KBPK[:16], Algorithm.SM4)
    with pytest.raises(ValueError, match="length"):
        Wrapper(KBPK[:15], Algorithm.AES)


@pytest.mark.parametrize(("key", "pad"), [(b"", 30), (b"", 14)])
def test_a_block_that_holds_no_key_is_refused(key: bytes, pad: int) -> None:
    """Its MAC is right: who made it has the protecting key, and still nothing is there to use."""
    block = D.seal_as_given(Header("D", "P0", "T", "E"), key, bytes(pad))
    with pytest.raises(KeyBlockError) as caught:
        D.open(block)
    assert caught.value.label == "key_length"


def test_strength_is_that_of_the_standard_s_table() -> None:
    assert {(name, size): strength(name, size) for name, size in STRENGTHS} == STRENGTHS
    three, weak = Header("D", "P0", "T", "E"), Wrapper(KBPK[:16], Algorithm.AES)
    assert weak.open(weak.seal(three, KBPK[:24], bytes(6))).key == KBPK[:24]


STRENGTHS = {
    ("T", 16): 80,
    ("T", 24): 112,
    ("D", 8): 56,
    ("A", 16): 128,
    ("A", 24): 192,
    ("A", 32): 256,
    ("H", 64): 256,
}
