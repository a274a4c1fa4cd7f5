"""One session with an acquirer host: connect, sign on, write requests, read answers, reconnect.

A shell: what it carries and whose an answer is says traffic.py, what the session says says
session.py, bytes move in linkpump.py. What an answer means for a payment is the conductor's;
reversals that are owed come from owed.py.
"""

from collections.abc import Callable, Mapping
from typing import Final, assert_never

import trio

from pointsman import log
from pointsman.codecs.codec import Codec, Message
from pointsman.codecs.errors import DecodeError
from pointsman.codecs.framing import Framing
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.store.parties import Acquirer
from pointsman.switch import sessionwords as life
from pointsman.switch.dialler import Dial, Dialler
from pointsman.switch.inflight import Expected, Reason, Unmatched
from pointsman.switch.linkmetrics import LinkMetrics
from pointsman.switch.linkpump import HostFrames, Wake, read_frames, write_queued
from pointsman.switch.session import Session, is_network
from pointsman.switch.traffic import HostRequest, Lane, NotSent, OnResult, Traffic
from pointsman.switch.wire import Wire, dial
from pointsman.switch.zonekeys import OnKeys, refuse

TICK_S: Final = 0.05  # how exact the timers are
OnLate = Callable[[Message, Expected | None, Reason], None]
OnDay = Callable[[str, str], None]


class AcquirerLink:
    """One session; `run` keeps it alive until `stop`. All methods belong to the Trio thread.

    `on_late` hears of answers that were given to nobody, `on_day` (acquirer, MMDD) of a cut-over.
    """

    def __init__(
        self,
        acquirer: Acquirer,
        session: int,
        *,
        codec: Codec,
        framing: Framing,
        metrics: Metrics,
        effects: Effects,
        timers: Timers,
        on_late: OnLate = lambda _message, _expected, _reason: None,
        on_day: OnDay = lambda _acquirer, _settlement_date: None,
        on_ready: Callable[[], None] = lambda: None,
        on_keys: OnKeys = refuse,
        dial: Dial = dial,
    ) -> None:
        self.acquirer = acquirer
        self.session = session
        self._frames = HostFrames(codec, framing)
        link = f"{acquirer.name}/{session}"
        self._metrics = LinkMetrics(metrics, acquirer.name, link, effects)
        self._effects = effects
        self._on_late, self._on_day, self._on_ready = on_late, on_day, on_ready
        self._on_keys = on_keys
        self._traffic = Traffic(acquirer.in_flight_max)
        self._life: Session | None = None
        self._said = 0  # network messages of earlier connections: their numbers go on
        self._wake = Wake()
        self._connection: trio.CancelScope | None = None
        self._lost = ""
        self._signed_on_at: float | None = None
        self._stopping = trio.Event()
        self._ended = trio.Event()
        self._ended.set()  # until it runs
        self._dialler = Dialler(link, acquirer, dial, effects, timers, stopping=self._stopping)

    @property
    def signed_on(self) -> bool:
        """Tell whether payments and reversals may be carried."""
        return self._signed_on_at is not None and not self._stopping.is_set()

    @property
    def signed_on_at(self) -> float | None:
        """Since when (Trio time) this session has been signed on over its present connection."""
        return self._signed_on_at

    @property
    def usable(self) -> bool:
        """Tell whether a request would be taken now: the router's view of this session."""
        return self.signed_on and self._traffic.breaker.allows and self.room(Lane.REQUEST) > 0

    def room(self, lane: Lane) -> int:
        """Return how many more messages this lane takes."""
        return self._traffic.room(lane)

    def send(self, request: HostRequest, done: OnResult) -> None:
        """Queue a request; `done` is called exactly once, in this thread, perhaps at once."""
        now = trio.current_time()
        if self.signed_on:
            refusal = self._traffic.refusal(request, now)
        else:
            refusal = "stopping" if self._stopping.is_set() else "not signed on"
        if refusal is not None:
            done(NotSent(refusal))
            return
        self._traffic.put(request, self._frames.wrap(request.data), done, now)
        self._wake.set()

    async def run(self) -> None:
        """Connect, serve, connect again with back-off, until `stop` or cancelled."""
        self._ended = trio.Event()
        try:
            while not self._stopping.is_set():
                wire = await self._dialler.connect()
                if wire is not None:
                    try:
                        await self._serve(wire)
                    finally:
                        self._finish(wire)
                if not self._stopping.is_set():
                    await self._dialler.pause()
        finally:
            self._ended.set()

    async def stop(self) -> None:
        """Take no more, wait for the answers in flight, sign off, close; the caller bounds it."""
        self._stopping.set()
        if self._connection is not None and self._signed_on_at is None:
            self._drop("stopped")
        await self._ended.wait()

    async def _serve(self, wire: Wire) -> None:
        """Run one connection until it is dropped; a new session life begins with it."""
        self._metrics.connected()
        self._lost = "cancelled"
        self._life = Session(self.session, self.acquirer.echo_s, said=self._said)
        async with trio.open_nursery() as nursery:
            self._connection = nursery.cancel_scope
            self._happened(life.Opened())
            nursery.start_soon(self._read, wire)
            nursery.start_soon(self._write, wire)
            nursery.start_soon(self._watch)

    def _drop(self, reason: str) -> None:
        if self._connection is not None:
            self._lost = reason
            self._connection.cancel()

    def _finish(self, wire: Wire) -> None:
        """Close, and tell everyone who waited on this connection at once."""
        wire.close()
        if self._life is not None:
            self._said = self._life.said
        self._connection, self._life = None, None
        self._signed_on_at = None
        self._metrics.disconnected(self._lost)
        log.get().info("link_down", link=self._metrics.link, reason=self._lost)
        self._traffic.lost(self._lost, trio.current_time())

    async def _read(self, wire: Wire) -> None:
        self._drop(await read_frames(wire, self._frames, self._metrics, self._arrived))

    async def _write(self, wire: Wire) -> None:
        self._drop(await write_queued(wire, self._traffic, self._metrics, self._wake))

    async def _watch(self) -> None:
        """Let time pass: time-outs, what waited too long, echoes, the clean end."""
        while True:
            await trio.sleep(TICK_S)
            now = trio.current_time()
            self._traffic.drop_stale(now)
            if self._traffic.expire(now):
                log.get().warning("link_breaker_open", link=self._metrics.link)
                self._happened(life.Probe())
            if self._stopping.is_set() and not len(self._traffic):
                self._happened(life.SignOff())
            self._happened(life.Tick())

    def _arrived(self, frame: bytes) -> None:
        try:
            message = self._frames.message(frame)
        except DecodeError as error:
            # The good frame around it keeps the connection; whoever waits for it runs into silence.
            self._metrics.unreadable(error)
            return
        self._metrics.message("in", message.mti)
        if is_network(message.mti):
            self._happened(life.Network(message.mti, message.fields))
            return
        now = trio.current_time()
        if self._life is not None:
            self._life.heard(now)
        found = self._traffic.answered(message, now)
        if isinstance(found, Unmatched):
            self._nobodys(message, found)
        else:
            self._metrics.answered(found)

    def _nobodys(self, message: Message, unmatched: Unmatched) -> None:
        """Count, log and pass on an answer that was given to nobody (switch-rules 3)."""
        self._metrics.nobodys(message.mti, unmatched)
        self._on_late(message, unmatched.expected, unmatched.reason)

    def _happened(self, event: life.Event) -> None:
        if self._life is None:
            return
        host_time = f"{self._effects.now():%m%d%H%M%S}"
        for command in self._life.handle(event, trio.current_time(), host_time):
            self._do(command)

    def _say(self, mti: str, fields: Mapping[int, str]) -> None:
        self._traffic.put_network(self._frames.say(mti, fields))
        self._metrics.message("out", mti)
        self._wake.set()

    def _do(self, command: life.Command) -> None:
        match command:
            case life.Say(mti, fields):
                self._say(mti, fields)
            case life.SignedOn():
                self._signed_on_at = trio.current_time()
                self._dialler.went_well()
                self._traffic.breaker.echoed()
                self._metrics.signed_on(True)
                log.get().info("link_signed_on", link=self._metrics.link)
                self._on_ready()
            case life.SignedOff():
                self._signed_on_at = None
                self._metrics.signed_on(False)
            case life.Echoed(took_s):
                self._traffic.breaker.echoed()
                self._metrics.echoed(took_s)
            case life.EchoMissed():
                self._metrics.echo_missed()
            case life.DayChanged(settlement_date):
                self._on_day(self.acquirer.name, settlement_date)
            case life.ChangeKeys():
                self._on_keys(self.acquirer, command, self._say)
            case life.Stray():
                self._metrics.unmatched()
            case life.Drop(reason):
                self._drop(reason)
            case _:
                assert_never(command)
