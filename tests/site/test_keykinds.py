"""Kinds of keys: what the HSM is asked for exists there, and takes keys of that length."""

import pytest

from pointsman.hsm.commands import MacMethod
from pointsman.hsm.keys import Kind
from pointsman.site.keykinds import block_fits, clear_kind
from pointsman.site.keys import BlockKey, ClearKey
from pointsman.site.plan import KeyNeed


def need(purpose: str, method: str = "cup-ecb", size: int = 16) -> KeyNeed:
    return KeyNeed(("x",), purpose, method, ClearKey("AB" * size), "owner")


@pytest.mark.parametrize(
    ("purpose", "method", "size", "kind"),
    [
        ("TMK", "cup-ecb", 16, "TMK"),
        ("PIK", "cup-ecb", 16, "TPK"),
        ("PIK", "cup-ecb", 8, "TPK_SINGLE"),
        ("MAK", "cup-ecb", 8, "TAK"),
        ("MAK", "cup-ecb", 16, "TAK_DOUBLE"),
        ("MAK", "x9.19", 16, "TAK_X9_19"),
        ("MAK", "x9.9", 8, "TAK_X9_9"),
        ("ZPK", "x9.19", 16, "ZPK"),
        ("ZAK", "x9.19", 16, "ZAK"),
        ("ZAK", "x9.9", 8, "ZAK_X9_9"),
    ],
)
def test_clear_key_becomes_the_kind_that_its_use_and_length_need(
    purpose: str, method: str, size: int, kind: str
) -> None:
    assert clear_kind(need(purpose, method, size)) == kind
    assert size in Kind[kind].row.sizes


@pytest.mark.parametrize("method", list(MacMethod))
@pytest.mark.parametrize("purpose", ["PIK", "MAK", "ZPK", "ZAK"])
def test_every_kind_that_is_asked_for_exists_and_fits_as_a_block(
    purpose: str, method: MacMethod
) -> None:
    kind = clear_kind(need(purpose, method.value))
    if kind is None:
        assert (purpose, method.value[:7]) == ("ZAK", "cup-ecb")
    else:
        assert kind in Kind.__members__
        assert block_fits(KeyNeed(("x",), purpose, method.value, BlockKey(b""), ""), kind)


def test_block_of_another_use_does_not_fit() -> None:
    assert not block_fits(need("TMK"), "ZPK")
    assert not block_fits(need("ZPK"), "TPK")
    assert not block_fits(need("MAK"), "ZAK")
    assert not block_fits(need("ZAK"), "TAK")
