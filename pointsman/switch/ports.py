"""What the conductor is joined to, each as the few things that are asked of it.

Values and protocols: one message of a terminal with the way back (`Ask`), and the HSM, links and
numbers as a payment sees them. The real ones are terminals.py, hsm/client.py, acquirers.py and
numbers.py; a simulator brings its own.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from pointsman.codecs.codec import Codec, Message
from pointsman.codecs.framing import Envelope, Framing
from pointsman.hsm.commands import Answer, HsmUnavailable, Inbound, Outbound
from pointsman.store.parties import Terminal
from pointsman.store.records import Outcome, Owed
from pointsman.switch import responses
from pointsman.switch.requests import Payment, Request
from pointsman.switch.traffic import HostRequest, HostResult


class Asker(Protocol):
    """A terminal's connection, as far as an answer needs it."""

    @property
    def listener(self) -> str:
        """The listener that accepted it."""

    @property
    def framing(self) -> Framing:
        """How its frames are cut and closed."""

    def put(self, frame: bytes, taken: Callable[[bool], None] | None = None) -> None:
        """Send the one answer to one frame; `taken` is told whether a byte of it went."""

    def drop(self) -> None:
        """Give one frame no answer."""


class Hsm(Protocol):
    """The HSM client's hot path: the answer comes by callback, also when there is none."""

    def submit(
        self,
        request: Outbound | Inbound,
        deadline: float,
        done: Callable[[Answer | HsmUnavailable], None],
    ) -> None:
        """Ask; `done` is called once, later."""


class Link(Protocol):
    """One acquirer's session of this worker."""

    @property
    def usable(self) -> bool:
        """Whether a request would be taken now."""

    def send(self, request: HostRequest, done: Callable[[HostResult], None]) -> None:
        """Queue a request; `done` is called exactly once."""


class Numbers(Protocol):
    """A series of leased numbers."""

    def take(self) -> str | None:
        """Return a number that nobody ever got, or None while there is none."""


class Ask(Struct, frozen=True):
    """One message of a terminal and where its answer goes; `received_at` is Trio time.

    `codec` is of the dialect that it came in: its answer is written in the same.
    """

    connection: Asker
    envelope: Envelope
    message: Message
    received_at: float
    codec: Codec

    @property
    def mid(self) -> str:
        """Field 42, without padding."""
        return self.message[42].rstrip(" ")

    @property
    def tid(self) -> str:
        """Field 41, without padding."""
        return self.message[41].rstrip(" ")

    def answer(
        self, body: bytes, code: str = "00", taken: Callable[[bool], None] | None = None
    ) -> None:
        """Put the answer on the connection that asked, its addresses swapped."""
        frame = self.connection.framing.reply(self.envelope, body, responses.requirement(code))
        self.connection.put(frame, taken)

    def __repr__(self) -> str:
        return "Ask(...)"


class Payments(Protocol):
    """Takes a payment of an active merchant; it is answered later, once."""

    def begin(self, ask: Ask, payment: Payment, terminal: Terminal) -> bool:
        """Start it; False when too many are under way, or the house is stopping."""


class Translation(Protocol):
    """Takes a message of another dialect and hands it on as one of the terminals' own."""

    def begin(self, ask: Ask, terminal: Terminal, hand_on: Callable[[Ask, Terminal], None]) -> bool:
        """Start it; False when there are too many."""


class Errands(Protocol):
    """Takes what is no payment: sign-in, reversal, settlement, refusals."""

    def begin(self, ask: Ask, terminal: Terminal, request: Request) -> bool:
        """Start the task that answers; False when there are too many."""


class OwedRecords(Protocol):
    """The verbs of store/verbs.py (Records) that the sender of what is owed needs."""

    async def due(  # noqa: D102 (said in store/verbs.py, as the others)
        self, acquirer: str, sessions: Sequence[int], limit: int
    ) -> Sequence[Owed]: ...

    async def owed_numbers(  # noqa: D102
        self,
        id: bytes,  # noqa: A002
        host_stan: str,
        host_time: str,
    ) -> bool: ...

    async def owed_attempt(self, id: bytes) -> None: ...  # noqa: A002, D102

    async def owed_later(self, id: bytes, after_s: float) -> None: ...  # noqa: A002, D102

    async def owed_soon(self, acquirer: str, session: int) -> None: ...  # noqa: D102

    async def owed_done(self, id: bytes, code: str) -> None: ...  # noqa: A002, D102

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None: ...  # noqa: A002, D102

    async def owed_parked(self, id: bytes, code: str) -> None: ...  # noqa: A002, D102
