"""The routes of limits and refused cards, with the right each needs.

Merged into routes.py; what they do is in api_policies.py
and pages_policies.py.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.routes_reports import FILE
from pointsman.console.row import Row, asked, one, row, told

V, M = Verb.VIEW, Verb.MANAGE
R = Resource

ROWS: tuple[Row, ...] = (
    row("GET", "/v1/merchants/{mid}/limits", R.SETTINGS, V, *one()),
    row("PUT", "/v1/merchants/{mid}/limits", R.SETTINGS, M),
    row("GET", "/v1/blacklist", R.SETTINGS, V, *told("blacklist")),
    row("POST", "/v1/blacklist", R.SETTINGS, M),
    row("POST", "/v1/blacklist/{card_id}:remove", R.SETTINGS, M),
    row("GET", "/blacklist", R.SETTINGS, V, *asked("blacklist")),
    row("POST", "/blacklist", R.SETTINGS, M, *asked("blacklist")),
    row("GET", "/export/blacklist", R.SETTINGS, V, *asked("blacklist"), *FILE),
    row("POST", "/export/blacklist", R.SETTINGS, V),
    row("GET", "/merchants/{mid}/limits", R.SETTINGS, V),
    row("POST", "/merchants/{mid}/limits", R.SETTINGS, M),
)
