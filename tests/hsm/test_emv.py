"""EMV beyond the vectors: sizes are checked, the session key methods differ as they should."""

import pytest

from pointsman.hsm import emv
from tests.hsm.laboratory import PAN, TMK


def test_options_a_and_b_agree_on_short_pans_alone() -> None:
    short = PAN[:16]
    assert emv.card_key(TMK, short, "01") == emv.card_key(TMK, short, "01", option_b=True)
    assert emv.card_key(TMK, PAN, "01") != emv.card_key(TMK, PAN, "01", option_b=True)


@pytest.mark.parametrize(("pan", "psn"), [("12x4", "01"), (PAN, "1"), (PAN, ""), ("", "x1")])
def test_card_needs_digits_and_a_sequence_number(pan: str, psn: str) -> None:
    with pytest.raises(ValueError, match="sequence number"):
        emv.card_key(TMK, pan, psn)


def test_session_keys_differ_by_counter_and_number() -> None:
    keys = {emv.session_key(TMK, bytes((0, n))) for n in range(5)}
    keys |= {emv.mchip_session_key(TMK, b"\0\1", bytes((n,)) * 4) for n in range(5)}
    assert len(keys) == 9  # number 0 with counter 1 is the common one
    assert emv.mchip_session_key(TMK, b"\0\1", bytes(4)) == emv.session_key(TMK, b"\0\1")
    with pytest.raises(ValueError, match="eight bytes"):
        emv.session_key(TMK, b"\0")


def test_padding_differs_on_whole_blocks() -> None:
    assert emv.cryptogram(TMK, bytes(8), padded_80=False) != emv.cryptogram(
        TMK, bytes(8), padded_80=True
    )
    assert emv.cryptogram(TMK, b"", padded_80=False) == emv.cryptogram(
        TMK, bytes(8), padded_80=False
    )


@pytest.mark.parametrize(("arqc", "arc"), [(bytes(7), b"00"), (bytes(8), b"0"), (bytes(8), b"000")])
def test_arpc_1_needs_its_sizes(arqc: bytes, arc: bytes) -> None:
    with pytest.raises(ValueError, match="eight bytes"):
        emv.arpc_1(TMK, arqc, arc)


@pytest.mark.parametrize(
    ("arqc", "csu", "more"), [(bytes(7), bytes(4), b""), (bytes(8), bytes(3), b""),
                              (bytes(8), bytes(4), bytes(9))]
)  # fmt: skip
def test_arpc_2_needs_its_sizes(arqc: bytes, csu: bytes, more: bytes) -> None:
    with pytest.raises(ValueError, match="eight bytes"):
        emv.arpc_2(TMK, arqc, csu, more)
    assert len(emv.arpc_2(TMK, bytes(8), bytes(4), bytes(8))) == 4
