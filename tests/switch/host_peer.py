"""An acquirer host for the tests of links: a scripted peer on the other end of a socket pair.

What it answers is decided by a function of the test; bytes are made by the real codec. Not the
simulator of sim/, which knows nothing of these tests.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import trio
from prometheus_client import CollectorRegistry

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.framing import Envelope, get_framing
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.store.parties import Acquirer
from pointsman.switch.acquirers import AcquirerLink, OnDay, OnLate
from pointsman.switch.hosts import HostDraft, encode, expected
from pointsman.switch.traffic import HostRequest, HostResult, Lane
from pointsman.switch.wire import SocketWire, Wire

Reply = tuple[str, Mapping[int, str]]
Script = Callable[[Message], list[Reply] | None]  # None: hang up

CODEC = get_codec("ascii87-hexbitmap")
FRAMING = get_framing("ascii4")

ALPHA = Acquirer(
    name="alpha",
    institution="00085500",
    format="ascii87-hexbitmap",
    framing="ascii4",
    host="host.test",
    port=9101,
    active=True,
    zpk=None,
    zak=None,
    mac_method="x9.19",
    in_flight_max=8,
)


def obedient(message: Message) -> list[Reply] | None:
    """Answer every request 00; answers to what the host itself asked need none."""
    return [answer_to(message)] if message.mti[2] in "02" else []


def answer_to(message: Message, changes: Mapping[int, str] | None = None) -> Reply:
    """Return the usual answer to a message: what it said, and 00."""
    echoed = (2, 3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49, 70)
    fields = {number: message[number] for number in echoed if number in message}
    mti = f"{message.mti[:2]}{int(message.mti[2]) + 1}0"
    return mti, fields | {39: "00"} | dict(changes or {})


def wire_bytes(reply: Reply) -> bytes:
    """Return the framed bytes of a message."""
    mti, fields = reply
    return FRAMING.close(Envelope(b"", b"", b""), CODEC.encode(mti, fields))


@dataclass
class HostPeer:
    """The host: every dial gives a new connection to it; `heard` is all that it was told."""

    nursery: trio.Nursery
    script: Script = obedient
    heard: list[Message] = field(default_factory=list)
    connections: int = 0
    refuses: bool = False
    wire: Callable[[socket.socket], Wire] = SocketWire
    stream: trio.SocketStream | None = None

    async def dial(self, _host: str, _port: int) -> Wire:
        """Connect to this host."""
        await trio.lowlevel.checkpoint()
        if self.refuses:
            raise ConnectionRefusedError
        ours, theirs = socket.socketpair()
        self.connections += 1
        self.stream = trio.SocketStream(trio.socket.from_stdlib_socket(theirs))
        self.nursery.start_soon(self._serve, self.stream)
        return self.wire(ours)

    async def _serve(self, stream: trio.SocketStream) -> None:
        reader = FRAMING.reader()
        try:
            async with stream:
                async for data in stream:
                    for frame in reader.feed(bytes(data)):
                        message = CODEC.decode(frame)
                        self.heard.append(message)
                        replies = self.script(message)
                        if replies is None:
                            return
                        for reply in replies:
                            await stream.send_all(wire_bytes(reply))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    async def say(self, reply: Reply) -> None:
        """Send a message that nobody asked for."""
        assert self.stream is not None
        await self.stream.send_all(wire_bytes(reply))

    def types(self) -> list[str]:
        """Return the types of what was heard, network messages with their code."""
        return [f"{m.mti}/{m[70]}" if 70 in m else m.mti for m in self.heard]


def new_metrics() -> Metrics:
    """Return metrics in a registry of their own."""
    return Metrics(CollectorRegistry(), ["alpha"])


def link_to(
    peer: HostPeer,
    *,
    acquirer: Acquirer = ALPHA,
    timers: Timers | None = None,
    on_late: OnLate = lambda _message, _expected, _reason: None,
    on_day: OnDay = lambda _acquirer, _settlement_date: None,
    on_ready: Callable[[], None] = lambda: None,
) -> AcquirerLink:
    """Return session 0 of an acquirer at this peer; the caller runs it."""
    return AcquirerLink(
        acquirer,
        0,
        codec=CODEC,
        framing=FRAMING,
        metrics=new_metrics(),
        effects=Effects(random_bytes=lambda count: b"\x80" * count),
        timers=timers or Timers(),
        on_late=on_late,
        on_day=on_day,
        on_ready=on_ready,
        dial=peer.dial,
    )


def sale_draft(stan: str = "000001", amount: str = "000000010000") -> HostDraft:
    """Return a sale without a card, as far as a link cares."""
    return HostDraft(
        "0200",
        {
            3: "000000",
            4: amount,
            7: "0315021735",
            11: stan,
            37: f"607400{stan}",
            41: "12345678",
            42: "898100053310001",
            49: "156",
        },
    )


def sale_request(
    stan: str = "000001",
    *,
    answer_s: float = 30.0,
    within_s: float = 5.0,
    lane: Lane = Lane.REQUEST,
    amount: str = "000000010000",
) -> HostRequest:
    """Return a request that may be sent now."""
    draft = sale_draft(stan, amount)
    return HostRequest(
        data=encode(CODEC, draft, mac=False).data,
        expected=expected(draft),
        not_after=trio.current_time() + within_s,
        answer_s=answer_s,
        lane=lane,
    )


async def ask(link: AcquirerLink, request: HostRequest) -> HostResult:
    """Send a request and wait for its one result."""
    results: list[HostResult] = []
    came = trio.Event()

    def done(result: HostResult) -> None:
        assert not results, "a request has one result"
        results.append(result)
        came.set()

    link.send(request, done)
    await came.wait()
    return results[0]


async def signed_on(link: AcquirerLink) -> None:
    """Wait until payments may be carried."""
    while not link.signed_on:  # noqa: ASYNC110 - seen from outside, as the router sees it
        await trio.sleep(0.01)
