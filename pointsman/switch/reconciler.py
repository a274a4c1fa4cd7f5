"""Says our totals of each settlement date that is over to one acquirer, until it has answered.

A shell over one session; the store gives a date to one worker at a time. The fields and what an
answer means are reconciling.py. A difference is kept, logged as an error and counted; it blocks no
money.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import trio

from pointsman import log
from pointsman.effects import Effects
from pointsman.store.parties import Acquirer
from pointsman.store.reconciliations import Reconciled, Reconciliation, Reconciliations
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch import reconciling
from pointsman.switch.hostasking import proven_answer
from pointsman.switch.hostseal import HostSeal, NotNowError
from pointsman.switch.numbers import NumberLease
from pointsman.switch.traffic import HostRequest, Lane, OnResult

LOOK_S: Final = 30.0
AGAIN_S: Final = 120.0  # until the next attempt: longer than any wait for an answer
GRACE: Final = timedelta(hours=2)
"""A settlement date is over so long after its midnight at the site: its last answers have come."""

Count = Callable[[Reconciled], None]


class Carrier(Protocol):
    """The acquirer's session."""

    @property
    def signed_on(self) -> bool:
        """Whether it carries anything now."""

    def send(self, request: HostRequest, done: OnResult) -> None:
        """Queue a message; `done` is called exactly once."""


class Reconciler:
    """Reconciles over one acquirer's session; `run` never ends by itself."""

    def __init__(  # noqa: PLR0917 (the parts of one session, in one line where it is made)
        self,
        acquirer: Acquirer,
        link: Carrier,
        records: Reconciliations,
        seal: HostSeal,
        stans: NumberLease,
        effects: Effects,
        zone: str,
        count: Count = lambda _state: None,
    ) -> None:
        self._acquirer = acquirer
        self._link = link
        self._records = records
        self._seal = seal
        self._stans = stans
        self._effects = effects
        self._zone = ZoneInfo(zone)
        self._count = count

    async def run(self) -> None:
        """Look and ask until cancelled."""
        while True:
            await trio.sleep(LOOK_S)
            try:
                while self._link.signed_on and await self.attempt():
                    pass
            except (StoreUnavailableError, NotNowError):
                continue  # what was given to us is given again after AGAIN_S

    async def attempt(self) -> bool:
        """Make one attempt where something is due; return whether it ended.

        Raises StoreUnavailableError or NotNowError when something was away.
        """
        today = (self._effects.now().astimezone(self._zone) - GRACE).date()
        one = await self._records.reconciliation_due(self._acquirer.name, today, AGAIN_S)
        if one is None:
            return False
        one = await self._numbered(one)
        try:
            draft = reconciling.message(one, self._acquirer)
        except ValueError:
            await self._end(one, reconciling.Judged(Reconciled.REFUSED, "", {}))
            return True
        request = await self._seal.request(draft, Lane.REVERSAL)
        answer = await proven_answer(self._link, self._seal, request)
        judged = None if answer is None else reconciling.judge(answer.fields)
        if judged is None:
            return False
        await self._end(one, judged)
        return True

    async def _numbered(self, one: Reconciliation) -> Reconciliation:
        if one.host_stan:
            return one
        stan = self._stans.take()
        if stan is None:
            raise NotNowError("no numbers")
        host_time = f"{self._effects.now():%m%d%H%M%S}"
        await self._records.reconciliation_numbers(one, stan, host_time)
        return replace(one, host_stan=stan, host_time=host_time)

    async def _end(self, one: Reconciliation, judged: reconciling.Judged) -> None:
        ended = await self._records.reconciliation_answered(
            one, judged.state, judged.code, judged.theirs
        )
        if not ended:
            return
        self._count(judged.state)
        tell = log.get().info if judged.state is Reconciled.BALANCED else log.get().error
        tell(
            "acquirer_reconciled",
            acquirer=one.acquirer,
            date=one.settlement_date.isoformat(),
            state=judged.state.value,
            code=judged.code,
        )
