"""The changing functions of the public API: suspending a merchant or a terminal, and undoing it.

Each change, its journal event and its audit row are one commit; what lies outside the reach of the
request's right is not found. Workers refuse what is suspended as soon as they see the site's new
version. Adding merchants and terminals is done by `pointsman import`.
"""

from pointsman.console.gate import Ask
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.store.console_pool import ConsolePool, Entry

_SET = "select set_active(%s, %s, %s)"


class Changing:
    """Everything that may be changed."""

    def __init__(self, pool: ConsolePool) -> None:
        self._pool = pool

    async def set_active(self, ask: Ask, mid: str, tid: str, *, active: bool) -> Document:
        """Suspend or activate; an empty `tid` means the merchant. Raises Problem."""
        kind = "terminal" if tid else "merchant"
        missing = Problem(Code.NOT_FOUND, f"There is no such {kind}.")
        if not ask.reach.includes(mid):
            raise missing
        word = "activate" if active else "suspend"
        async with self._pool.act() as act:
            changed = (await act.rows(_SET, (mid, tid, active)))[0][0]
            if changed is None:
                raise missing
            if not changed:
                state = "active" if active else "suspended"
                raise Problem(Code.STATE_CONFLICT, f"The {kind} is {state} already.")
            await act.audit(
                Entry(
                    ask.caller.name,
                    f"{kind}s:{word}",
                    kind,
                    f"{mid}/{tid}" if tid else mid,
                    role=ask.caller.role,
                    mid=mid,
                    before={"active": not active},
                    after={"active": active},
                    address=ask.origin.address,
                    request_id=ask.origin.request_id,
                )
            )
        return {"mid": mid, **({"tid": tid} if tid else {}), "active": active}
