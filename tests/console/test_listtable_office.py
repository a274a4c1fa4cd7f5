"""The office's lists: each names single rows by their id, and knows which are newer."""

from pointsman.console.listtable import LOOKS
from pointsman.console.listtable_office import OFFICE_LOOKS
from pointsman.console.row import LISTS


def test_the_offices_lists_are_lists_like_all_others() -> None:
    assert OFFICE_LOOKS.items() <= LOOKS.items()


def test_rows_of_the_office_are_picked_and_newer_ones_are_counted() -> None:
    for name, look in OFFICE_LOOKS.items():
        fields = LISTS[look.api].fields
        assert look.pick in fields, name
        assert look.birth in fields, name
