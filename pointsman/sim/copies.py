"""The same request on two connections at once, and which of the two answers the cashier believes.

A shell over a terminal's session. A copy after the answer, and whether two answers agree, is
terminal.py and pos_answers.py.
"""

import trio

from pointsman.sim.items import UNCLEAR
from pointsman.sim.pos_answers import APPROVALS
from pointsman.sim.terminal_link import Answered
from pointsman.sim.terminal_session import Session


async def both(
    session: Session, mti: str, stan: str, body: bytes
) -> tuple[Answered | None, Answered | None]:
    """Send a request on the kept line and on a fresh one; return the better answer first."""
    answers: list[Answered | None] = [None, None]

    async def one(place: int) -> None:
        answers[place] = await session.exchange(mti, stan, body, fresh=place > 0)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one, 0)
        nursery.start_soon(one, 1)
    # The cashier believes an approval, whichever line it came on.
    answers.sort(key=lambda a: 2 if a is None else a.message.get(39) not in APPROVALS)
    best, other = answers
    if best is not None and other is None and best.message.get(39) in UNCLEAR:
        return None, None  # one copy was not looked at, which says nothing of the other
    return best, other
