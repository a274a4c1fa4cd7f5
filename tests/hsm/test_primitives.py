"""Block ciphers: lengths are checked, equal parts work, padding and XOR are exact."""

import pytest

from pointsman.hsm.primitives import (
    KEY_SIZES,
    Algorithm,
    CbcChain,
    Library,
    cbc_decrypt,
    cbc_encrypt,
    check_key,
    decryptor,
    encryptor,
    pad_80,
    pad_zeros,
    same,
    xor_bytes,
)


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("library", Library)
def test_keys_of_every_right_length_and_no_other_are_taken(
    algorithm: Algorithm, library: Library
) -> None:
    for size in range(40):
        right = size in KEY_SIZES[algorithm]
        if right and not (algorithm is Algorithm.SM4 and library is Library.PYCRYPTODOME):
            block = bytes(range(16))
            sealed = encryptor(algorithm, bytes(range(size)), library)(block)
            assert decryptor(algorithm, bytes(range(size)), library)(sealed) == block != sealed
        else:
            with pytest.raises(ValueError, match=r"length|SM4"):
                encryptor(algorithm, bytes(size), library)


@pytest.mark.parametrize("library", Library)
@pytest.mark.parametrize("parts", [b"\x1c" * 16, b"\x1c" * 24, bytes(8) + b"\x01" * 8])
def test_equal_parts_work_and_are_single_des(library: Library, parts: bytes) -> None:
    block = bytes(8)
    expected = encryptor(Algorithm.DES, parts[:8])(block)
    assert encryptor(Algorithm.TDES, parts, library)(block) == expected
    assert decryptor(Algorithm.TDES, parts, library)(expected) == block


def test_cbc_chain_takes_whole_blocks_only_and_stays_right() -> None:
    chain = CbcChain(Algorithm.DES, bytes(range(8)))
    good = chain.encrypt(bytes(16))
    for wrong in (b"", bytes(7), bytes(9)):
        with pytest.raises(ValueError, match="whole blocks"):
            chain.encrypt(wrong)
    assert chain.encrypt(bytes(16)) == good
    assert chain.last_block(bytes(16)) == good[8:]
    assert cbc_encrypt(Algorithm.DES, bytes(range(8)), bytes(8), bytes(16)) == good
    assert cbc_decrypt(Algorithm.DES, bytes(range(8)), bytes(8), good) == bytes(16)


def test_padding_fills_a_block() -> None:
    assert [len(pad_zeros(bytes(n), 8)) for n in (0, 1, 7, 8, 9)] == [0, 8, 8, 8, 16]
    assert [len(pad_80(bytes(n), 8)) for n in (0, 1, 7, 8, 9)] == [8, 8, 8, 16, 16]
    assert pad_80(b"abc", 8) == b"abc\x80\0\0\0\0"
    assert pad_zeros(b"abc", 8) == b"abc\0\0\0\0\0"


def test_xor_needs_equal_lengths() -> None:
    assert xor_bytes(b"\x01\x02", b"\x03\x00", b"\x00\xff") == b"\x02\xfd"
    with pytest.raises(ValueError, match="equal"):
        xor_bytes(b"ab", b"c")


def test_comparison_and_key_lengths_are_exact() -> None:
    assert same(b"abc", b"abc")
    assert not same(b"abc", b"abd")
    with pytest.raises(ValueError, match="length"):
        check_key(Algorithm.AES, bytes(15))
