"""The sender of what is owed to one acquirer: reversals until acknowledged, refunds until known.

A shell: which rows are due says the store, one attempt is attempts.py. Here is the look at what is
due, the window, and the waiting while something is away. Nothing here decides that something is
owed.
"""

from typing import Final

import trio

from pointsman import log
from pointsman.codecs.codec import Codec
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.store.leases import LeaseLostError
from pointsman.store.parties import Acquirer
from pointsman.store.records import Owed
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.acquirers import AcquirerLink
from pointsman.switch.attempts import AWAY_S, Attempts, OutcomeOf
from pointsman.switch.hostseal import HostSeal, Hsm, NotNowError
from pointsman.switch.numbers import NumberLease
from pointsman.switch.orderkeeper import OrderKeeper
from pointsman.switch.owedmetrics import OwedMetrics
from pointsman.switch.ports import OwedRecords
from pointsman.switch.sessionlease import Holding
from pointsman.switch.traffic import Lane

WINDOW: Final = 16  # owed messages of one session on their way at once
DUE_MAX: Final = 200  # rows read at one look
POLL_S: Final = 0.25


class OwedSender:
    """Sends what this worker's session owes to one acquirer; `run` never ends by itself.

    Nothing is sent while `lease` is not held, or quiet after a taking (sessionlease.py).
    `outcome_of` words the outcome of a refund from the fields of its answer.
    """

    def __init__(
        self,
        acquirer: Acquirer,
        link: AcquirerLink,
        session: int,
        lease: Holding,
        *,
        records: OwedRecords,
        hsm: Hsm,
        stans: NumberLease,
        codec: Codec,
        effects: Effects,
        timers: Timers,
        metrics: Metrics,
        outcome_of: OutcomeOf,
    ) -> None:
        self._acquirer = acquirer
        self._link = link
        self._session = session
        self._lease = lease
        self._records = records
        self._metrics = OwedMetrics(metrics, acquirer.name, timers.reversal_retry_max_s)
        self._attempts = Attempts(
            acquirer,
            link,
            lease,
            records=records,
            seal=HostSeal(acquirer, codec=codec, hsm=hsm, timers=timers),
            stans=stans,
            effects=effects,
            timers=timers,
            metrics=self._metrics,
            outcome_of=outcome_of,
        )
        self._busy: set[bytes] = set()
        self._paused_until = 0.0
        self._trouble = ""  # what was last missing: logged once, not at every look
        self._kicked = trio.Event()
        self._put_off = False  # the link signed on, and what was put off is not brought nearer yet

    @property
    def orders(self) -> OrderKeeper:
        """What finds out about orders at this acquirer."""
        return self._attempts.orders

    def kick(self) -> None:
        """Look now: something became due."""
        self._kicked.set()

    def signed_on(self) -> None:
        """Look now, and soon again at what was put off (switch-rules 4)."""
        self._put_off = True
        self.kick()

    async def run(self) -> None:
        """Look and send until cancelled."""
        async with trio.open_nursery() as nursery:
            while True:
                with trio.move_on_after(POLL_S if self._link.signed_on else AWAY_S):
                    await self._kicked.wait()
                self._kicked = trio.Event()
                await trio.sleep_until(max(self._paused_until, self._lease.quiet_until))
                if trio.current_time() < self._lease.until:
                    await self._look(nursery)

    async def _look(self, nursery: trio.Nursery) -> None:
        try:
            if self._put_off:
                await self._records.owed_soon(self._acquirer.name, self._session)
                self._put_off = False
            rows = await self._records.due(self._acquirer.name, (self._session,), DUE_MAX)
        except StoreUnavailableError:
            self._pause("store unavailable")
            return
        except LeaseLostError:
            self._pause("lease lost")
            return
        self._metrics.seen(rows, self._busy, trio.current_time())
        for row in rows:
            full = len(self._busy) >= WINDOW or self._link.room(Lane.REVERSAL) <= 0
            if full or not self._link.signed_on:
                break
            if row.id not in self._busy:
                self._busy.add(row.id)
                nursery.start_soon(self._send, row)

    async def _send(self, row: Owed) -> None:
        """Make one attempt; what fails before the first byte is tried again at the next look."""
        try:
            await self._attempts.make(row)
            self._trouble = ""
        except StoreUnavailableError:
            self._pause("store unavailable")
        except LeaseLostError:
            self._pause("lease lost")  # whoever has it sends; its keeper ends us
        except NotNowError as error:
            self._pause(str(error))
        finally:
            self._busy.discard(row.id)

    def _pause(self, reason: str) -> None:
        """Leave the others of this queue alone for a moment as well."""
        if reason != self._trouble:
            log.get().warning("owed_waits", acquirer=self._acquirer.name, reason=reason)
        self._trouble = reason
        self._paused_until = trio.current_time() + AWAY_S
