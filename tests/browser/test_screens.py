"""Every screen that is named is reached by clicks from the sign-in, acts once, and tells the truth.

The table has a row for each screen: by whom and by which links it is reached, what is done there
and which figures are held against SQL. A named screen without a row fails, and so does a page that
no row comes by.
"""

import pytest

from pointsman.console.routes import ROUTES
from tests.browser import screens_office, screens_parties, screens_watch
from tests.browser.walking import Screen, Walked, go

SCREENS = (*screens_watch.SCREENS, *screens_parties.SCREENS, *screens_office.SCREENS)
NAMED = {
    *("S01", "S02", "S03", "S04", "S10", "S11", "S12", "S13", "S14", "S15", "S16"),
    *("S20", "S21", "S22", "S23", "S30", "S31", "S40", "S50", "S51", "S60", "S61"),
    *("S80", "S81", "S82", "S83", "S84"),
}
NO_SCREEN = {
    *("/health/live", "/health/ready", "/metrics", "/openapi.json", "/language/{language}"),
    "/report_runs/{run_id}",  # of a file of more than 50,000 rows: tests/console
}


def test_every_screen_that_is_named_and_every_page_has_a_row() -> None:
    assert NAMED - {screen.code for screen in SCREENS} == set()
    pages = {
        path
        for method, path in ROUTES
        if method == "GET" and not path.startswith(("/v1/", "/export/")) and "file" not in path
    }
    assert pages - {route for screen in SCREENS for route in screen.routes} == NO_SCREEN


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.code)
def test_screen_is_reached_by_clicks_acts_once_and_agrees_with_sql(
    walked: Walked, screen: Screen
) -> None:
    if not screen.login:
        screen.act(walked, None)
        return
    page = walked.at_overview(screen.login)
    go(page, *screen.way)
    screen.act(walked, page)
    assert page.said == []
