"""A house around one sender of what is owed: real HSM engine, real link, fake store, scripted host.

For the tests of owed.py, attempts.py and hostseal.py; nothing here is a test.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import Enum

import trio

from pointsman.codecs.codec import Message
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.hsm import commands as c
from pointsman.hsm.hostclient import Device
from pointsman.hsm.mac import x9_19
from pointsman.hsm.payshield import PayshieldClient
from pointsman.metrics import Metrics
from pointsman.store.leases import QUIET_S, LeaseLostError
from pointsman.store.parties import Merchant
from pointsman.store.records import (
    Card,
    Money,
    Outcome,
    Owed,
    OwedState,
    RequestKey,
    State,
    Transaction,
)
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch import hosts
from pointsman.switch.acquirers import AcquirerLink
from pointsman.switch.numbers import NumberLease, host_stan_text
from pointsman.switch.owed import OwedSender
from pointsman.switch.ports import OwedRecords
from tests.hsm.hardware import both
from tests.hsm.laboratory import PAN, ZAK, Laboratory
from tests.switch.host_peer import (
    ALPHA,
    CODEC,
    HostPeer,
    Reply,
    answer_to,
    link_to,
    new_metrics,
    obedient,
    signed_on,
)

MERCHANT = Merchant("898100053310001", "GOLDEN TEST SHOP", "5812", "SHANGHAI", "CN", "156", True)
ID = bytes(15) + b"\x01"


def host_sale(mti: str = "0200") -> hosts.HostDraft:
    return hosts.payment(
        hosts.HostSale(
            mti=mti,
            processing_code="000000" if mti == "0200" else "200000",
            amount_minor=10000,
            currency="156",
            host_time="0315021735",
            host_stan="004711",
            local_time="101735",
            local_date="0315",
            entry_mode="051",
            condition="00",
            institution="00085500",
            rrn="607400000001",
            tid="12345678",
            merchant=MERCHANT,
            pan=PAN,
            expiry="3012",
        )
    )


def transaction(
    cipher: bytes | None, *, id_: bytes = ID, mti: str = "0200", state: State = State.UNKNOWN
) -> Transaction:
    return Transaction(
        id=id_,
        key=RequestKey("898100053310001", "12345678", "000001", "000001"),
        fingerprint=b"",
        kind="sale" if mti == "0200" else "refund",
        money=Money.DEBIT if mti == "0200" else Money.CREDIT,
        method="chip",
        state=state,
        amount_minor=10000,
        currency="156",
        card=Card(b"token", cipher, PAN[:6], PAN[-4:]),
        scheme="CUP",
        domestic=True,
        mti=mti,
        processing_code="000000",
        entry_mode="051",
        condition="00",
        type_code="22",
        reversible=mti == "0200",
        acquirer="alpha",
        session=0,
        host_stan="004711",
        host_time="0315021735",
        rrn="607400000001",
        local_time="101735",
        local_date="0315",
        host=hosts.kept(host_sale(mti)),
    )


@dataclass
class Row:
    """One owed row of the fake store, by the mock clock."""

    owed: Owed
    due_at: float
    arose_at: float


@dataclass
class FakeOwed:
    """What is owed, in memory, by the contract of store/verbs.py."""

    rows: dict[bytes, Row] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    away: bool = False
    lost: bool = False  # another holds our lease
    adopted: set[int] = field(default_factory=set)  # sessions whose queue is ours now
    looks: int = 0
    before_commit: Callable[[], Awaitable[None]] = trio.lowlevel.checkpoint

    def add(self, original: Transaction, *, kind: str = "reversal", age_s: int = 0) -> None:
        owed = Owed(original.id, kind, original, OwedState.DUE, "98", 0, "", "", age_s)
        now = trio.current_time()
        self.rows[original.id] = Row(owed, now, now - age_s)

    async def _reach(self) -> None:
        await trio.lowlevel.checkpoint()
        if self.away:
            raise StoreUnavailableError

    async def _under_lease(self) -> None:
        await self._reach()
        if self.lost:
            raise LeaseLostError("session 0")

    def _change(self, id_: bytes, **changes: object) -> None:
        # replace() takes any field by name; the callers below name theirs.
        self.rows[id_].owed = replace(self.rows[id_].owed, **changes)  # type: ignore[arg-type]

    async def due(self, acquirer: str, sessions: Sequence[int], limit: int) -> Sequence[Owed]:
        self.looks += 1
        await self._reach()
        assert acquirer == "alpha"
        now = trio.current_time()
        open_ = (OwedState.DUE, OwedState.SENT)
        return [
            replace(row.owed, age_s=int(now - row.arose_at))
            for row in self.rows.values()
            if row.owed.state in open_
            and row.due_at <= now
            and row.owed.original.session in {*sessions, *self.adopted}
        ][:limit]

    async def owed_numbers(self, id: bytes, host_stan: str, host_time: str) -> bool:  # noqa: A002
        await self._under_lease()
        await self.before_commit()
        assert not self.rows[id].owed.host_stan, "numbers are fixed once"
        self._change(id, host_stan=host_stan, host_time=host_time, attempts=1)
        return True

    async def owed_attempt(self, id: bytes) -> None:  # noqa: A002
        await self._under_lease()
        self._change(id, attempts=self.rows[id].owed.attempts + 1)

    async def owed_later(self, id: bytes, after_s: float) -> None:  # noqa: A002
        await self._under_lease()
        self.history.append(f"later {round(after_s)}")
        self.rows[id].due_at = trio.current_time() + after_s

    async def owed_soon(self, acquirer: str, session: int) -> None:
        assert acquirer == "alpha"
        await self._under_lease()
        for row in self.rows.values():
            if row.owed.original.session == session:
                row.due_at = min(row.due_at, trio.current_time() + QUIET_S)

    async def owed_done(self, id: bytes, code: str) -> None:  # noqa: A002
        await self._under_lease()
        self.history.append(f"done {code}")
        self._change(id, state=OwedState.DONE)

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None:  # noqa: A002
        await self._under_lease()
        self.history.append(f"answered {outcome.response_code}")
        self.outcomes.append(outcome)
        self._change(id, state=OwedState.DONE)

    async def owed_parked(self, id: bytes, code: str) -> None:  # noqa: A002
        await self._under_lease()
        self.history.append(f"parked {code}")
        self._change(id, state=OwedState.PARKED)

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        await self._reach()
        assert name == "test"
        assert period == "2026"
        assert count > 0
        return 1


@dataclass
class Held:
    """A lease that is held; a test may let it run out, or be quiet."""

    until: float = float("inf")
    quiet_until: float = 0.0


@dataclass
class EngineHsm:
    """The HSM's engine without its process."""

    laboratory: Laboratory
    away: bool = False

    async def ask(self, request: c.Request, deadline: float) -> c.Answer:
        await trio.lowlevel.checkpoint()
        assert deadline >= trio.current_time()
        if self.away:
            raise c.HsmUnavailable
        return self.laboratory.ask(request)


class Backend(Enum):
    """Which HSM a house has."""

    SOFTWARE = "software"
    HARDWARE = "hardware"


BACKEND = ContextVar("BACKEND", default=Backend.SOFTWARE)


@dataclass
class HardwareHsm(EngineHsm):
    """The client of a hardware HSM: the zone's key is there, card numbers are in our own."""

    client: PayshieldClient | None = None

    async def ask(self, request: c.Request, deadline: float) -> c.Answer:
        if self.away:
            raise c.HsmUnavailable
        assert self.client is not None
        return await self.client.ask(request, deadline)


@asynccontextmanager
async def hsm_of(laboratory: Laboratory) -> AsyncIterator[tuple[EngineHsm, bytes]]:
    """Give the HSM that the test runs with, and what it calls the zone's MAC key."""
    if BACKEND.get() is Backend.SOFTWARE:
        yield EngineHsm(laboratory), laboratory.key("ZAK", ZAK)
        return
    device = Laboratory(lmk=b"\x2a" * 32)
    zak = b"S" + device.key("ZAK", ZAK)
    async with both(laboratory, Device(key_blocks=True, lmk_id=0), device.engine.keys) as client:
        yield HardwareHsm(laboratory, client=client), zak


def maced(reply: Reply) -> Reply:
    """Return an answer under the zone key, as the host makes it."""
    mti, fields = reply
    bare = CODEC.encode_spans(mti, {**fields, 64: "0" * 16})
    return mti, {**fields, 64: x9_19(ZAK, bare.data[: bare.spans[64][0]]).hex().upper()}


def mac_of(message: Message) -> bool:
    data, mac = hosts.answer_mac(message) or (b"", b"")
    return x9_19(ZAK, data) == mac


@dataclass
class House:
    """One sender with its world."""

    peer: HostPeer
    link: AcquirerLink
    store: FakeOwed
    hsm: EngineHsm
    sender: OwedSender
    metrics: Metrics
    cipher: bytes
    lease: Held

    def heard(self) -> list[Message]:
        return [message for message in self.peer.heard if message.mti[1] != "8"]


Script = Callable[[Message], list[Reply] | None]


def outcome_of(original: Transaction, answer: Mapping[int, str]) -> Outcome:
    state = State.APPROVED if answer[39] == "00" else State.DECLINED
    return Outcome(original.id, state, answer[39], {"39": answer[39]})


@asynccontextmanager
async def house(
    script: Script,
    *,
    lease: Held | None = None,
    records: OwedRecords | None = None,
    **changes: object,
) -> AsyncIterator[House]:
    """Run a link and a sender, on `records` or a fake; `changes` are to the acquirer."""
    laboratory = Laboratory()
    async with (
        hsm_of(laboratory) as (hsm, zak),
        _house(script, laboratory, hsm, zak, lease or Held(), changes, records) as made,
    ):
        yield made


@asynccontextmanager
async def _house(  # noqa: PLR0917  (what `house` gathers)
    script: Script,
    laboratory: Laboratory,
    hsm: EngineHsm,
    zak: bytes,
    lease: Held,
    changes: Mapping[str, object],
    records: OwedRecords | None,
) -> AsyncIterator[House]:
    acquirer = replace(ALPHA, zak=zak, **changes)  # type: ignore[arg-type] # fields by name
    sealed = laboratory.ask(c.Outbound(seal=c.PanSeal(PAN, ID)))
    assert isinstance(sealed, c.OutboundDone)
    assert sealed.cipher is not None
    timers = Timers()
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, script)
        link = link_to(peer, acquirer=acquirer)
        store = FakeOwed()
        metrics = new_metrics()
        stans = NumberLease(store, "test", lambda: "2026", host_stan_text)
        sender = OwedSender(
            acquirer,
            link,
            0,
            lease,
            records=records or store,
            hsm=hsm,
            stans=stans,
            codec=CODEC,
            effects=Effects(random_bytes=lambda count: b"\x80" * count),
            timers=timers,
            metrics=metrics,
            outcome_of=outcome_of,
        )
        nursery.start_soon(stans.run)
        nursery.start_soon(link.run)
        nursery.start_soon(sender.run)
        await signed_on(link)
        yield House(peer, link, store, hsm, sender, metrics, sealed.cipher, lease)
        nursery.cancel_scope.cancel()


def answering(*codes: str) -> Script:
    """Answer payments with these codes in turn, the last for ever; "silent" says nothing."""
    left = list(codes)

    def script(message: Message) -> list[Reply] | None:
        if message.mti[1] == "8":
            return obedient(message)
        code = left.pop(0) if len(left) > 1 else left[0]
        return [] if code == "silent" else [maced(answer_to(message, {39: code}))]

    return script
