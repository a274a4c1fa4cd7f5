"""Private fields of a message part by part, with who may see each."""

from pointsman.codecs.codec import get_spec
from pointsman.codecs.parts import part_field
from pointsman.codecs.spec import Show
from tests.codecs.golden import golden

CUP = get_spec("cup-bcd")


def test_templates_are_shown_by_what_is_in_them() -> None:
    data = "7204860284005A0841111111111111119F7901AA"
    parted = part_field(CUP, 55, "0200", {55: data}.get)
    assert [(part.key, part.depth, part.shown) for part in parted.parts] == [
        ("72", 0, ""),
        ("86", 1, "****"),
        ("5A", 0, "411111******1111"),
        ("9F79", 0, "****"),
    ]
    assert "4111111111111111" not in repr(parted)


def test_fault_keeps_the_parts_before_it() -> None:
    parted = part_field(CUP, 55, "0200", {55: "9A032603159F02"}.get)
    assert [part.key for part in parted.parts] == ["9A"]
    assert parted.error is not None
    assert (parted.error.field, parted.error.sub) == (55, "9F02")


def test_payment_code_and_accounts_are_not_shown() -> None:
    message = golden("cup-qr-c2b-sale-req")
    parted = part_field(CUP, 59, message.mti, message.fields.get)
    assert [(part.key, part.shown) for part in parted.parts] == [("A3", "****")]
    message = golden("cup-batch-upload-201-req")
    parted = part_field(CUP, 48, message.mti, message.fields.get)
    accounts = [part for part in parted.parts if part.key.startswith("account")]
    assert len(accounts) == 3
    assert all(part.show is Show.MASK for part in accounts)


def test_part_that_no_row_names_has_the_class_of_its_field() -> None:
    parted = part_field(CUP, 59, "0200", {59: b"ZZ003abc".hex()}.get)
    assert parted.parts[0].shown == "****"
    parted = part_field(CUP, 60, "0200", {60: "2" * 23}.get)
    assert parted.parts[-1].key == "rest"
    assert parted.parts[-1].shown == "2" * 6
