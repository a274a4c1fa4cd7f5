"""The routes of what one watches and of one's own things, with the right each needs.

Merged into routes.py; what they do is in pages_watch.py and pages_own.py.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.routes_reports import FILE
from pointsman.console.row import Row, asked, row

V = Verb.VIEW
R = Resource

ROWS: tuple[Row, ...] = (
    row("GET", "/v1/lamps", R.LINKS, V),
    row("GET", "/v1/attention", R.TRANSACTIONS, V),
    row("GET", "/v1/profile", None, V),
    row("GET", "/v1/views", None, V, "list"),
    row("POST", "/v1/views:save", None, V),
    row("POST", "/v1/views:remove", None, V),
    row("GET", "/v1/drafts/{form}", None, V),
    row("POST", "/v1/drafts/{form}:save", None, V),
    row("GET", "/profile", None, V),
    row("POST", "/profile", None, V),
    row("GET", "/reconciliations", R.RECONCILIATION, V, *asked("reconciliations")),
    row("GET", "/export/reconciliations", R.RECONCILIATION, V, *asked("reconciliations"), *FILE),
    row("GET", "/scope", R.MERCHANTS, V, "next", "name[prefix]"),
    row("POST", "/scope", R.MERCHANTS, V),
    row("GET", "/roles", R.USERS, V),
)
