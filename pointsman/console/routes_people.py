"""The routes about people, keys, applications and what is parked, with the right each needs.

Merged into routes.py; what they do is in api_people.py, pages_people.py and parking.py.
"""

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import Row, asked, one, open_row, row, told

V, M, A = Verb.VIEW, Verb.MANAGE, Verb.AUTHORISE
R = Resource

ROWS: tuple[Row, ...] = (
    row("POST", "/v1/invitations", R.USERS, M),
    row("POST", "/v1/users/{user_id}:close", R.USERS, M),
    row("POST", "/v1/users/{user_id}:reset", R.USERS, M),
    row("POST", "/v1/users/{user_id}:give_role", R.USERS, M),
    row("POST", "/v1/users/{user_id}:take_role", R.USERS, M),
    row("GET", "/v1/users/{user_id}/sessions", R.USERS, M),
    row("POST", "/v1/users/{user_id}:end_sessions", R.USERS, M),
    row("GET", "/v1/outbox", R.USERS, M, *told("outbox")),
    row("POST", "/v1/outbox/{letter_id}:show", R.USERS, M),
    row("POST", "/v1/api_keys", R.USERS, M),
    row("POST", "/v1/api_keys/{key_id}:revoke", R.USERS, M),
    open_row("POST", "/v1/applications"),
    row("GET", "/v1/applications", R.MERCHANTS, V, *told("applications")),
    row("GET", "/v1/applications/{application_id}", R.MERCHANTS, V, *one()),
    row("POST", "/v1/applications/{application_id}:approve", R.MERCHANTS, A),
    row("POST", "/v1/applications/{application_id}:reject", R.MERCHANTS, A),
    row("GET", "/v1/exceptions", R.TRANSACTIONS, V, *told("exceptions")),
    row("POST", "/v1/exceptions/{payment_id}:retry", R.TRANSACTIONS, M),
    row("POST", "/v1/exceptions/{payment_id}:done", R.TRANSACTIONS, M),
    row("POST", "/v1/exceptions/{payment_id}:not_done", R.TRANSACTIONS, M),
    row("GET", "/exceptions", R.TRANSACTIONS, V, *asked("exceptions")),
    row("POST", "/exceptions", R.TRANSACTIONS, M, *asked("exceptions")),
    row("GET", "/users", R.USERS, V, *asked("users")),
    row("POST", "/users", R.USERS, M, *asked("users")),
    row("GET", "/users/{user_id}", R.USERS, M),
    row("POST", "/users/{user_id}", R.USERS, M),
    row("GET", "/keys", R.USERS, V, *asked("api_keys")),
    row("POST", "/keys", R.USERS, M, *asked("api_keys")),
    row("GET", "/outbox", R.USERS, M, *asked("outbox")),
    row("POST", "/outbox", R.USERS, M, *asked("outbox")),
    open_row("GET", "/register"),
    open_row("POST", "/register"),
    row("GET", "/applications", R.MERCHANTS, V, *asked("applications")),
    row("POST", "/applications", R.MERCHANTS, A, *asked("applications")),
)
