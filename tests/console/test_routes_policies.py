"""The rows of limits and refused cards: the rights of settings, as the table has them."""

from pointsman.console.rights import Resource
from pointsman.console.routes_policies import ROWS


def test_limits_and_refused_cards_are_settings() -> None:
    assert {row.resource for row in ROWS} == {Resource.SETTINGS}
    things = [row.path.removeprefix("/v1").removeprefix("/export") for row in ROWS]
    assert all(path.endswith("/limits") or path.startswith("/blacklist") for path in things)
