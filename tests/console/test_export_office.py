"""Columns of the office's files: words in both languages, a path for each."""

from pointsman.console.export_office import OFFICE_LISTS, at
from pointsman.console.listtable_office import OFFICE_LOOKS
from pointsman.reports.measures import Kind


def test_every_list_of_the_office_has_columns_of_different_names() -> None:
    assert set(OFFICE_LISTS) == set(OFFICE_LOOKS)
    for places in OFFICE_LISTS.values():
        assert len({place.column.en for place in places}) == len(places)
        assert all(place.column.zh for place in places)


def test_dots_lead_into_members() -> None:
    assert at("grant.role", Kind.CODE, "Role", "角色").path == ("grant", "role")
