"""The table of lists: everything it names may be asked of its list, and has words."""

from pointsman.console import listing
from pointsman.console.listtable import LOOKS
from pointsman.console.routes import ROUTES
from pointsman.console.row import LISTS
from pointsman.console.words import ZH


def test_every_list_sorts_and_filters_by_what_its_list_knows() -> None:
    for name, look in LOOKS.items():
        which = LISTS[look.api]
        known = listing.parameters(which)
        assert {one.name for one in look.filters} <= set(known), name
        assert {one.field for one in look.columns if one.field} <= set(listing.sorts(which)), name
        assert not look.pick or look.pick in known
        assert look.usual.lstrip("-") in {one.field for one in look.columns} | {"mid", "created"}


def test_every_list_has_a_page_with_its_parameters_that_sends_back_to_itself() -> None:
    for name, look in LOOKS.items():
        wanted = set(listing.parameters(LISTS[look.api]))
        assert wanted <= ROUTES["GET", f"/{name}"].parameters
        if ("POST", f"/{name}") in ROUTES:
            assert wanted <= ROUTES["POST", f"/{name}"].parameters


def test_every_word_of_the_table_is_in_the_catalogue() -> None:
    said = {look.title for look in LOOKS.values()} | {
        w for look in LOOKS.values() for w in look.never
    }
    said |= {one.words for look in LOOKS.values() for one in look.columns}
    said |= {one.words for look in LOOKS.values() for one in look.filters}
    assert said - {"#", "RRN"} - set(ZH) == set()
