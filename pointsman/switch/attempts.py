"""One attempt to discharge what is owed: numbers, message, answer, and what it ends.

A shell. What is said and what an answer means says reversals.py, card number and MAC come from
hostseal.py, the bytes go down the acquirer's session (acquirers.py). Which rows are tried, and
when, is owed.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, assert_never

import trio
from msgspec.structs import replace as changed

from pointsman import log
from pointsman.codecs.codec import Message
from pointsman.codecs.errors import EncodeError
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.store.parties import Acquirer
from pointsman.store.records import Outcome, Owed, State, Transaction
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.acquirers import AcquirerLink
from pointsman.switch.hostasking import ask
from pointsman.switch.hostseal import HostSeal, NotNowError
from pointsman.switch.numbers import NumberLease
from pointsman.switch.orderkeeper import OrderKeeper, is_final, wait_s
from pointsman.switch.orders import is_order
from pointsman.switch.owedmetrics import OwedMetrics
from pointsman.switch.ports import OwedRecords
from pointsman.switch.reversals import ADVICE, Done, Later, Park, delay_s, judge, owed_message
from pointsman.switch.sessionlease import Holding
from pointsman.switch.traffic import (
    Answered,
    Broken,
    HostResult,
    Lane,
    NotSent,
    Silent,
)

AWAY_S: Final = 1.0  # pause while the database, the HSM or the link is away

OutcomeOf = Callable[[Transaction, Mapping[int, str]], Outcome]


class Attempts:
    """Makes attempts for one acquirer's session; several may be under way at once."""

    def __init__(
        self,
        acquirer: Acquirer,
        link: AcquirerLink,
        lease: Holding,
        *,
        records: OwedRecords,
        seal: HostSeal,
        stans: NumberLease,
        effects: Effects,
        timers: Timers,
        metrics: OwedMetrics,
        outcome_of: OutcomeOf,
    ) -> None:
        self._acquirer = acquirer
        self._link = link
        self._lease = lease
        self._records = records
        self._seal = seal
        self._stans = stans
        self._effects = effects
        self._timers = timers
        self._metrics = metrics
        self._outcome_of = outcome_of
        self.orders = OrderKeeper(acquirer, link, records, seal, stans, effects, outcome_of)
        self._unsent: dict[bytes, int] = {}  # attempts counted of which no byte left us
        self._first_at: dict[bytes, float] = {}  # Trio time of our first attempt of each row

    async def make(self, row: Owed) -> None:
        """Make one attempt and record what came of it.

        Raises StoreUnavailableError or NotNowError when something was away before the first byte:
        nothing was sent; LeaseLostError when another has our lease and goes on with this.
        """
        try:
            await (self._pursue if is_order(row.original) else self._make)(row)
        except EncodeError as error:
            # What was kept cannot be said to this acquirer (its format was changed, say).
            log.get().error("owed_not_encoded", acquirer=self._acquirer.name, field=error.field)
            await self._record(lambda: self._records.owed_parked(row.id, ""))
            self._over(row, "", "parked")

    async def _make(self, row: Owed) -> None:
        self._first_at.setdefault(row.id, trio.current_time())
        attempt = row.attempts - self._unsent.get(row.id, 0) + 1
        stan, host_time = self._numbers(row)
        pan = await self._seal.open_pan(row.original)
        draft = owed_message(
            row, self._acquirer, pan=pan, host_stan=stan, host_time=host_time, attempt=attempt
        )
        request = await self._seal.request(draft, Lane.REVERSAL)
        # Who may have taken our lease by then sends it instead.
        not_after = min(request.not_after, self._lease.until)
        expected = changed(request.expected, reference=row.id)
        request = changed(request, expected=expected, not_after=not_after)
        if row.kind != ADVICE and not row.host_stan:
            if not await self._records.owed_numbers(row.id, stan, host_time):
                # Others are fixed, perhaps by a call that we had given up: those are the ones.
                raise NotNowError("numbers fixed before")
        else:
            await self._records.owed_attempt(row.id)
        if row.attempts == 0:
            self._metrics.arose(row)
        # Nothing may come between: after the commit the message goes out or is known not to have.
        result = await ask(self._link, request)
        await self._judge(row, attempt, result, self._again_s(attempt))

    async def _pursue(self, row: Owed) -> None:
        """Find out what became of an order; it is asked again until that is known."""
        await self._records.owed_attempt(row.id)
        if row.attempts == 0:
            self._metrics.arose(row)
        fate = await self.orders.pursue(row)
        if is_final(fate):
            self._over(row, "", "acknowledged")
        else:
            again_s = self._again_s(row.attempts + 1)
            await self._later(row, wait_s(fate, row, self._acquirer, again_s), "retry")

    def _again_s(self, attempt: int) -> float:
        return delay_s(
            attempt,
            base_s=self._timers.reversal_retry_s,
            max_s=self._timers.reversal_retry_max_s,
            fraction=self._effects.random_bytes(1)[0] / 255,
        )

    def _numbers(self, row: Owed) -> tuple[str, str]:
        """Return fields 11 and 7: those of the advice itself, those fixed before, or new ones."""
        if row.kind == ADVICE:
            return row.original.host_stan, row.original.host_time
        if row.host_stan:
            return row.host_stan, row.host_time
        stan = self._stans.take()
        if stan is None:
            raise NotNowError("no numbers")
        return stan, f"{self._effects.now():%m%d%H%M%S}"

    async def _judge(self, row: Owed, attempt: int, result: HostResult, again_s: float) -> None:
        match result:
            case Answered(message):
                await self._answered(row, attempt, message, again_s)
            case Silent():
                await self._later(row, again_s, "silent")
            case Broken():
                await self._later(row, again_s, "broken")
            case NotSent():
                self._unsent[row.id] = self._unsent.get(row.id, 0) + 1
                await self._later(row, self._timers.reversal_retry_s, "unsent")
            case _:
                assert_never(result)

    async def _answered(self, row: Owed, attempt: int, answer: Message, again_s: float) -> None:
        if not await self._seal.mac_is_right(answer):
            self._metrics.mac_failed()
            await self._later(row, again_s, "bad mac")
            return
        code = answer.get(39) or ""
        # The store's age is of a wall clock, which may jump; ours is never more than the true one.
        age_s = int(trio.current_time() - self._first_at[row.id])
        verdict = judge(
            replace(row, age_s=age_s),
            code,
            self._acquirer,
            attempt=attempt,
            ordered=self._ordered(row),
            again_s=again_s,
        )
        match verdict:
            case Done() if row.kind == ADVICE and row.original.state is State.UNKNOWN:
                outcome = self._outcome_of(row.original, answer.fields)
                await self._record(lambda: self._records.owed_answered(row.id, outcome))
                self._over(row, code, "acknowledged")
            case Done():
                await self._record(lambda: self._records.owed_done(row.id, code))
                self._over(row, code, "acknowledged")
            case Later(after_s):
                await self._later(row, after_s, "retry")
            case Park():
                await self._record(lambda: self._records.owed_parked(row.id, code))
                self._over(row, code, "parked")
            case _:
                assert_never(verdict)

    def _ordered(self, row: Owed) -> bool:
        """Tell whether the original cannot come after this reversal.

        It was answered, or this connection is older than the original and of the session that
        carried it: they went down one line.
        """
        if row.original.state is State.APPROVED:
            return True
        since = self._link.signed_on_at
        if since is None or row.original.session != self._link.session:
            return False
        now = trio.current_time()
        # The older age is the careful one here, also where a wall clock that jumped tells it.
        age_s = max(now - self._first_at[row.id], row.age_s)
        return now - since > age_s + self._timers.switch_s

    async def _later(self, row: Owed, after_s: float, result: str) -> None:
        self._metrics.sent(row, result)
        await self._record(lambda: self._records.owed_later(row.id, after_s))

    async def _record(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write what the acquirer said; while the database is away, again and again."""
        while True:
            try:
                await write()
            except StoreUnavailableError:
                log.get().warning("owed_not_recorded", acquirer=self._acquirer.name)
                await trio.sleep(AWAY_S)
            else:
                return

    def _over(self, row: Owed, code: str, result: str) -> None:
        self._unsent.pop(row.id, None)
        self._first_at.pop(row.id, None)
        self._metrics.sent(row, result)
        self._metrics.over(row)
        tell = log.get().error if result == "parked" else log.get().info
        tell(
            "owed_parked" if result == "parked" else "owed_done",
            acquirer=self._acquirer.name,
            kind=row.kind,
            code=code,
            rrn=row.original.rrn,
            attempts=row.attempts + 1,
        )
