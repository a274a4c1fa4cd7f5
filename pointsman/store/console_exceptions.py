"""Two people's decision on what is parked, as the back office takes it.

One call of the verb that the command line uses too (schema/0109); it writes inside the Act that it
is given. What waits for a person is a list: watch_listings.py.
"""

from pointsman.store.console_pool import Act
from pointsman.store.parked_sql import Action, Said


async def decide(act: Act, transaction: bytes, action: Action, user: str, reason: str) -> Said:
    """Take one user's word on what is parked."""
    values = (transaction, action.value, user, reason)
    rows = await act.rows("select console_decide_parked(%s, %s, %s, %s)", values)
    return Said(rows[0][0])
