"""Lists of the office: each has its usual order, and says whose rows are seen."""

from pointsman.store.office_listings import OFFICE_LISTINGS


def test_every_list_has_its_order_its_key_and_its_scope() -> None:
    for name, which in OFFICE_LISTINGS.items():
        assert which.fields[which.usual.removeprefix("-")].order
        assert which.key
        assert which.mid or which.visible, name
        assert which.born
