"""The routes of reports: each is in the one table, and none is open."""

from pointsman.console.routes import ROUTES
from pointsman.console.routes_reports import ROWS


def test_each_route_of_reports_is_in_the_table_and_closed() -> None:
    assert {(one.method, one.path) for one in ROWS} <= set(ROUTES)
    assert not [one.path for one in ROWS if one.public]
