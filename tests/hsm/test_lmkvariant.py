"""The variant LMK beyond the vectors: what is sealed opens, types and lengths are bound."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm.lmkvariant import PAIR_BY_TYPE, SIZES, KeyField, VariantLmk, under
from tests.hsm.laboratory import VECTORS, ZMK, ZPK

PARAMETERS = json.loads((VECTORS / "thales_lmk_variant.json").read_text())["parameters"]
LMK = VariantLmk({n: bytes.fromhex(p) for n, p in PARAMETERS["test_lmk_pairs_hex"].items()})
types = st.builds(str.__add__, st.sampled_from("0123456789"), st.sampled_from(sorted(PAIR_BY_TYPE)))


def test_tables_are_those_of_the_shared_parameters() -> None:
    assert PARAMETERS["key_type_low_digits_to_pair"] == PAIR_BY_TYPE


@given(types, st.sampled_from(sorted(SIZES)), st.data())
def test_what_is_sealed_opens_as_its_type_alone(
    key_type: str, scheme: str, data: st.DataObject
) -> None:
    size = SIZES[scheme]
    key = data.draw(st.binary(min_size=size, max_size=size))
    field = LMK.seal(key_type, scheme, key)
    assert LMK.open(key_type, field) == key
    other = data.draw(types)
    if LMK.key_for(other) != LMK.key_for(key_type):
        assert LMK.open(other, field) != key


def test_scheme_u_binds_its_halves_and_x_does_not() -> None:
    for scheme, bound in (("U", True), ("X", False)):
        sealed = under(ZMK, scheme, ZPK, wrap=True)
        swapped = under(ZMK, scheme, sealed[8:] + sealed[:8], wrap=False)
        assert (swapped != ZPK[8:] + ZPK[:8]) is bound


@pytest.mark.parametrize("key_type", ["", "0", "00", "0FF", "A01", "0001", "00F"])
def test_unknown_types_have_no_key(key_type: str) -> None:
    with pytest.raises(ValueError, match="key type"):
        LMK.key_for(key_type)


def test_length_must_fit_its_scheme() -> None:
    with pytest.raises(ValueError, match="scheme"):
        under(ZMK, "T", ZPK, wrap=True)
    assert KeyField("S", "block").is_block
    assert not KeyField("U", "00").is_block
    assert str(KeyField("Z", "00")) == "00"
    assert "pairs" not in repr(LMK)
