"""Lists of work: each has its usual order, and says whose rows are seen."""

from pointsman.store.work_listings import WORK_LISTINGS


def test_every_list_has_its_order_its_key_and_its_scope() -> None:
    for name, which in WORK_LISTINGS.items():
        assert which.fields[which.usual.removeprefix("-")].order
        assert which.key
        assert which.mid or which.visible, name
        assert which.born
