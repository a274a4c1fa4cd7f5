"""All acquirer links of one worker: one session to each acquirer, and what is owed on it.

Follows the site: a new acquirer gets a link, a changed one a new link after the old one has
drained. One session is acquirers.py, the sender of what is owed is owed.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import trio

from pointsman.codecs.codec import get_codec
from pointsman.codecs.framing import get_framing
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.metrics import Metrics
from pointsman.store.parties import Acquirer, Directory
from pointsman.store.records import Outcome, Transaction
from pointsman.store.verbs import Records
from pointsman.switch import outward, responses
from pointsman.switch.acquirers import AcquirerLink
from pointsman.switch.confirming import ConfirmingLink
from pointsman.switch.dialler import Dial
from pointsman.switch.hostseal import HostSeal
from pointsman.switch.notices import Notices
from pointsman.switch.numbers import NumberLease, stan_lease
from pointsman.switch.orderkeeper import OrderKeeper
from pointsman.switch.owed import OwedSender
from pointsman.switch.reconciler import Reconciler
from pointsman.switch.responses import Moment
from pointsman.switch.sessionlease import Holding
from pointsman.switch.wire import dial as dial_tcp
from pointsman.switch.zonekeys import ZoneKeys

_ORDERS = ("61", "62")  # what an order's terminal was told of it stays in its answer
DRAIN_S = 60.0  # a link that was replaced may finish what is in flight for so long


@dataclass(frozen=True, slots=True)
class _Line:
    acquirer: Acquirer
    link: AcquirerLink
    owed: OwedSender
    reconciler: Reconciler | None
    scope: trio.CancelScope


class LinkSet:
    """Links, their owed messages and their number series; owned by one worker.

    `links`, `ways` (what payments are sent by) and `stans` are live views, by acquirer name.
    """

    def __init__(
        self,
        number: int,
        lease: Holding,
        *,
        records: Records,
        hsm: HsmClient,
        effects: Effects,
        timers: Timers,
        metrics: Metrics,
        moment: Callable[[], Moment],
        dial: Dial = dial_tcp,
    ) -> None:
        self.links: dict[str, AcquirerLink] = {}
        self.ways: dict[str, ConfirmingLink] = {}
        self.stans: dict[str, NumberLease] = {}
        self._number = number
        self._lease = lease
        self._records = records
        self._hsm = hsm
        self._effects = effects
        self._timers = timers
        self._metrics = metrics
        self._lines: dict[str, _Line] = {}
        self._nursery: trio.Nursery | None = None
        self._directory = Directory(0)
        self._moment = moment
        self._dial = dial
        self._notices = Notices(records, self.kick)
        self.dates = self._notices.dates
        self._zone_keys = ZoneKeys(records, hsm, timers)

    async def run(self) -> None:
        """Keep the links alive until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._notices.run)
            nursery.start_soon(self._notices.follow)
            nursery.start_soon(self._zone_keys.run)
            self.update(self._directory)
            await trio.sleep_forever()

    def update(self, directory: Directory) -> None:
        """Follow the site: open new links, replace changed ones, end those that are gone."""
        self._directory = directory
        if self._nursery is None:
            return
        for name, line in list(self._lines.items()):
            if directory.acquirers.get(name) != line.acquirer:
                del self._lines[name], self.links[name], self.ways[name]
                self._nursery.start_soon(self._retire, line)
        for name, acquirer in directory.acquirers.items():
            if name not in self._lines:
                self._open(acquirer)

    def kick(self) -> None:
        """Something is owed: look at once."""
        for line in self._lines.values():
            line.owed.kick()

    def _signed_on(self, name: str) -> None:
        line = self._lines.get(name)
        if line is not None:
            line.owed.signed_on()

    def keeper_of(self, name: str) -> OrderKeeper | None:
        """Return what finds out about orders at this acquirer, or None where there is no link."""
        line = self._lines.get(name)
        return line.owed.orders if line is not None else None

    async def stop(self) -> None:
        """Drain and sign off every link."""
        async with trio.open_nursery() as nursery:
            for line in self._lines.values():
                nursery.start_soon(line.link.stop)

    def _open(self, acquirer: Acquirer) -> None:
        assert self._nursery is not None
        name = acquirer.name
        self._metrics.add_acquirer(name)
        if name not in self.stans:
            self.stans[name] = stan_lease(self._records, self._effects, name)
            self._nursery.start_soon(self.stans[name].run)
        link = AcquirerLink(
            acquirer,
            self._number,
            codec=get_codec(acquirer.format),
            framing=get_framing(acquirer.framing),
            metrics=self._metrics,
            effects=self._effects,
            timers=self._timers,
            on_late=self._notices.late,
            on_day=self._notices.day,
            on_ready=lambda: self._signed_on(name),
            on_keys=self._zone_keys.change,
            dial=self._dial,
        )
        owed = OwedSender(
            acquirer,
            link,
            self._number,
            self._lease,
            records=self._records,
            hsm=self._hsm,
            stans=self.stans[name],
            codec=get_codec(acquirer.format),
            effects=self._effects,
            timers=self._timers,
            metrics=self._metrics,
            outcome_of=partial(self._outcome_of, acquirer),
        )
        line = _Line(acquirer, link, owed, self._reconciler(acquirer, link), trio.CancelScope())
        self._lines[name] = line
        self.links[name] = link
        self.ways[name] = self._way(acquirer, link)
        self._nursery.start_soon(self._run_line, line)

    async def _run_line(self, line: _Line) -> None:
        with line.scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(line.link.run)
                nursery.start_soon(line.owed.run)
                if line.reconciler is not None:
                    nursery.start_soon(line.reconciler.run)

    def _seal(self, acquirer: Acquirer) -> HostSeal:
        codec = get_codec(acquirer.format)
        return HostSeal(acquirer, codec=codec, hsm=self._hsm, timers=self._timers)

    def _way(self, acquirer: Acquirer, link: AcquirerLink) -> ConfirmingLink:
        assert self._nursery is not None
        stans, start = self.stans[acquirer.name], self._nursery.start_soon
        return ConfirmingLink(acquirer, link, self._seal(acquirer), stans, self._effects, start)

    def _reconciler(self, acquirer: Acquirer, link: AcquirerLink) -> Reconciler | None:
        if not acquirer.reconciles:
            return None
        name = acquirer.name
        return Reconciler(
            acquirer,
            link,
            self._records,
            self._seal(acquirer),
            self.stans[name],
            self._effects,
            self._directory.zone,
            lambda state: self._metrics.acquirer_reconciliations.labels(name, state.value).inc(),
        )

    async def _retire(self, line: _Line) -> None:
        """Let a link that is no longer wanted finish what is in flight."""
        with trio.move_on_after(DRAIN_S):
            await line.link.stop()
        line.scope.cancel()

    def _outcome_of(
        self, acquirer: Acquirer, transaction: Transaction, host: Mapping[int, str]
    ) -> Outcome:
        """Word the outcome of a refund whose result is known at last; a repeat will be told it."""
        told = responses.told_by_host(
            host, self._moment(), transaction.rrn, acquirer.institution, transaction.scheme
        )
        told |= outward.told_voucher(host)
        told |= {
            number: transaction.answer[number] for number in _ORDERS if number in transaction.answer
        }
        return outward.outcome(transaction.id, transaction.amount_minor, host, told)
