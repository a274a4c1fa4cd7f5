"""Kinds, lives, parity and components of keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.keyheader import Header, KeyBlockError, Option
from pointsman.hsm.keys import (
    TEST_KEY_KCVS,
    KeyLife,
    Kind,
    State,
    check_value,
    combine_components,
    fit_parity,
    has_equal_parts,
    header_of,
    in_state,
    kcv,
    life_of,
    odd_parity,
)
from pointsman.hsm.primitives import KEY_SIZES, Algorithm

lives = st.builds(
    KeyLife,
    st.sampled_from(Kind),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40),
    st.just("ABCDEF"),
    st.integers(0, 4_000_000_000),
    st.integers(0, 4_000_000_000),
    st.sampled_from(State),
)


@given(lives)
def test_life_survives_its_header(life: KeyLife) -> None:
    header = header_of(life, life.kind.row.algorithm)
    assert life_of(header) == life
    for state in State:
        assert life_of(in_state(header, state)).state is state


@pytest.mark.parametrize("kind", Kind)
def test_lengths_of_a_kind_fit_its_algorithm(kind: Kind) -> None:
    assert set(kind.row.sizes) <= KEY_SIZES[kind.row.algorithm]
    assert kind.name == kind.value


@pytest.mark.parametrize(
    "options",
    [
        (),
        (Option("KC", "00ABCDEF"), Option("LB", "TPK/x")),
        (Option("KC", "00AB"), Option("10", "0" * 18 + "A"), Option("LB", "NONE/x")),
        (Option("KC", "00AB"), Option("10", "0" * 18 + "A"), Option("LB", "TPK")),
        (Option("KC", "00AB"), Option("10", "0" * 17 + "A"), Option("LB", "TPK/x")),
        (Option("KC", "00AB"), Option("10", "0" * 18 + "A"), Option("LB", "ZPK/x")),
    ],
)
def test_block_that_is_not_ours_has_no_life(options: tuple[Option, ...]) -> None:
    with pytest.raises(KeyBlockError):
        life_of(Header("D", "P0", "T", "D", options=options))


@given(st.binary(max_size=24))
def test_odd_parity_has_an_odd_number_of_ones_in_each_byte(key: bytes) -> None:
    odd = odd_parity(key)
    assert all(byte.bit_count() % 2 for byte in odd)
    assert all(one ^ two in (0, 1) for one, two in zip(key, odd, strict=True))
    assert odd_parity(odd) == odd
    assert fit_parity(Algorithm.AES, key) == key
    assert fit_parity(Algorithm.TDES, key) == odd


def test_equal_parts_are_seen_whatever_their_parity() -> None:
    assert has_equal_parts(bytes(8) + b"\x01" * 8)
    assert has_equal_parts(bytes(range(8)) + b"\x10" * 8 + b"\x11" * 8)
    assert not has_equal_parts(bytes(range(0, 32, 2)))


def test_components_are_two_to_nine() -> None:
    part = bytes(range(16))
    for count in (0, 1, 10):
        with pytest.raises(ValueError, match="two to nine"):
            combine_components(Algorithm.TDES, [part] * count)
    with pytest.raises(ValueError, match="equal"):
        combine_components(Algorithm.TDES, [part, part[:8]])


def test_published_test_keys_are_in_the_list() -> None:
    for text in ("0123456789ABCDEFFEDCBA9876543210", "0123456789ABCDEF", "00" * 16, "11" * 16):
        assert kcv(bytes.fromhex(text))[:3].hex().upper() in TEST_KEY_KCVS


def test_check_values_have_their_methods_and_lengths() -> None:
    key = bytes(range(16))
    assert [len(check_value(algorithm, key)) for algorithm in (Algorithm.TDES, Algorithm.AES)] == [
        6,
        10,
    ]
    assert len(check_value(Algorithm.SM4, key)) == 16
    assert len(check_value(Algorithm.DES, key[:8])) == 6
