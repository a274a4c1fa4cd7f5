"""What a list looks like: what is a filter, what has a field, what is chosen from."""

from pointsman.console.listtable import LOOKS


def test_pages_and_orders_are_no_filters() -> None:
    look = LOOKS["batches"]
    assert not look.filtered({"after": "x", "sort": "opened", "limit": "5"})
    assert look.filtered({"tid": "1"})


def test_a_filter_without_a_field_is_kept_beside_the_row() -> None:
    look = LOOKS["payments"]
    given = {"state": "declined", "acquirer": "alpha", "q": "1", "sort": "created"}
    assert look.others(given) == {"acquirer": "alpha"}
    assert look.kept(given) == {"acquirer": "alpha", "sort": "created"}


def test_choices_and_days_come_from_the_list_itself() -> None:
    look = LOOKS["settlement"]
    state, begin, _ = look.filters
    assert look.choices(state) == ("open", "closing", "closed")
    assert look.is_date(begin)
    assert not look.is_date(state)
    assert look.usual == "-business_date"
