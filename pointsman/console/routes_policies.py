"""The routes of limits and refused cards, with the right each needs.

Merged into routes.py; what they do is in api_policies.py.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import Row, one, row, told

V, M = Verb.VIEW, Verb.MANAGE
R = Resource

ROWS: tuple[Row, ...] = (
    row("GET", "/v1/merchants/{mid}/limits", R.SETTINGS, V, *one()),
    row("PUT", "/v1/merchants/{mid}/limits", R.SETTINGS, M),
    row("GET", "/v1/blacklist", R.SETTINGS, V, *told("blacklist")),
    row("POST", "/v1/blacklist", R.SETTINGS, M),
    row("POST", "/v1/blacklist/{card_id}:remove", R.SETTINGS, M),
)
