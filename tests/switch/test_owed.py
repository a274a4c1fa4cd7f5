"""What is owed is sent until acknowledged: a real HSM engine, a real link, a scripted host."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.hsm import commands as c
from pointsman.hsm.mac import x9_19
from pointsman.metrics import Metrics
from pointsman.store.parties import Merchant
from pointsman.store.records import (
    Card,
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
from pointsman.switch.traffic import Lane, Silent
from tests.hsm.laboratory import PAN, ZAK, Laboratory
from tests.switch.host_peer import (
    ALPHA,
    CODEC,
    HostPeer,
    Reply,
    answer_to,
    ask,
    link_to,
    new_metrics,
    obedient,
    sale_request,
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
            and row.owed.original.session in sessions
        ][:limit]

    async def owed_numbers(self, id: bytes, host_stan: str, host_time: str) -> None:  # noqa: A002
        await self._reach()
        await self.before_commit()
        assert not self.rows[id].owed.host_stan, "numbers are fixed once"
        self._change(id, host_stan=host_stan, host_time=host_time, attempts=1)

    async def owed_attempt(self, id: bytes) -> None:  # noqa: A002
        await self._reach()
        self._change(id, attempts=self.rows[id].owed.attempts + 1)

    async def owed_later(self, id: bytes, after_s: float) -> None:  # noqa: A002
        await self._reach()
        self.history.append(f"later {round(after_s)}")
        self.rows[id].due_at = trio.current_time() + after_s

    async def owed_done(self, id: bytes, code: str) -> None:  # noqa: A002
        await self._reach()
        self.history.append(f"done {code}")
        self._change(id, state=OwedState.DONE)

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None:  # noqa: A002
        await self._reach()
        self.history.append(f"answered {outcome.response_code}")
        self.outcomes.append(outcome)
        self._change(id, state=OwedState.DONE)

    async def owed_parked(self, id: bytes, code: str) -> None:  # noqa: A002
        await self._reach()
        self.history.append(f"parked {code}")
        self._change(id, state=OwedState.PARKED)

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        await self._reach()
        assert name == "test"
        assert period == "2026"
        assert count > 0
        return 1


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

    def heard(self) -> list[Message]:
        return [message for message in self.peer.heard if message.mti[1] != "8"]


Script = Callable[[Message], list[Reply] | None]


def outcome_of(original: Transaction, answer: Mapping[int, str]) -> Outcome:
    state = State.APPROVED if answer[39] == "00" else State.DECLINED
    return Outcome(original.id, state, answer[39], {"39": answer[39]})


@asynccontextmanager
async def house(
    script: Script, *, takeover_s: float = 0.0, **changes: object
) -> AsyncIterator[House]:
    """Run a link and a sender; `changes` are to the acquirer."""
    laboratory = Laboratory()
    zak = laboratory.key("ZAK", ZAK)
    acquirer = replace(ALPHA, zak=zak, **changes)  # type: ignore[arg-type] # fields by name
    sealed = laboratory.ask(c.Outbound(seal=c.PanSeal(PAN, ID)))
    assert isinstance(sealed, c.OutboundDone)
    assert sealed.cipher is not None
    timers = Timers()
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, script)
        link = link_to(peer, acquirer=acquirer)
        store = FakeOwed()
        hsm = EngineHsm(laboratory)
        metrics = new_metrics()
        stans = NumberLease(store, "test", lambda: "2026", host_stan_text)
        sender = OwedSender(
            acquirer,
            link,
            0,
            2,
            records=store,
            hsm=hsm,
            stans=stans,
            codec=CODEC,
            effects=Effects(random_bytes=lambda count: b"\x80" * count),
            timers=timers,
            metrics=metrics,
            outcome_of=outcome_of,
            takeover_s=takeover_s,
        )
        nursery.start_soon(stans.run)
        nursery.start_soon(link.run)
        nursery.start_soon(sender.run)
        await signed_on(link)
        yield House(peer, link, store, hsm, sender, metrics, sealed.cipher)
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


async def test_a_reversal_says_what_was_really_sent(autojump_clock: MockClock) -> None:
    async with house(answering("00")) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(1)
        (message,) = it.heard()
        assert message.mti == "0420"
        assert mac_of(message)
        fields = message.fields.copy()
        del fields[7], fields[128]
        assert fields == {
            2: PAN,
            3: "000000",
            4: "000000010000",
            11: "000001",
            12: "101735",
            13: "0315",
            18: "5812",
            22: "051",
            25: "00",
            32: "00085500",
            37: "607400000001",
            39: "98",
            41: "12345678",
            42: "898100053310001",
            49: "156",
            90: "020000471103150217350000008550000000000000",
        }
        assert it.store.history == ["done 00"]


async def test_silence_is_asked_again_with_the_same_numbers_and_growing_waits(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("silent", "silent", "silent", "00")) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(200)
        assert it.store.history == ["later 5", "later 10", "later 20", "done 00"]
        assert [message.mti for message in it.heard()] == ["0420", "0421", "0421", "0421"]
        assert len({(message[7], message[11]) for message in it.heard()}) == 1


@pytest.mark.parametrize("code", ["91", "96", "68", "98"])
async def test_codes_that_promise_nothing_are_asked_again(
    code: str, autojump_clock: MockClock
) -> None:
    async with house(answering(code, "00")) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(20)
        assert it.store.history == ["later 5", "done 00"]


async def test_an_unknown_code_parks_and_stops(autojump_clock: MockClock) -> None:
    async with house(answering("12")) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(600)
        assert it.store.history == ["parked 12"]
        assert len(it.heard()) == 1


async def test_25_ends_a_reversal_only_when_asked_again_after_the_requests_life(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("25"), request_life_s=60.0) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(50)
        assert it.store.history == ["later 61"]
        await trio.sleep(30)
        assert it.store.history == ["later 61", "done 25"]


async def test_25_ends_it_at_once_where_the_link_keeps_the_order(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("25"), accepts=frozenset({"25"})) as it:
        await trio.sleep(60)  # the connection is older than the original
        it.store.add(transaction(it.cipher))
        await trio.sleep(1)
        assert it.store.history == ["done 25"]


async def test_25_on_a_connection_younger_than_the_original_is_asked_again(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("25"), accepts=frozenset({"25"}), request_life_s=60.0) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(1)
        assert it.store.history == ["later 61"]


@pytest.mark.parametrize(
    ("codes", "history"),
    [(("94",), ["parked 94"]), (("silent", "94"), ["later 5", "done 94"])],
)
async def test_94_ends_only_a_repeat(
    codes: tuple[str, ...], history: list[str], autojump_clock: MockClock
) -> None:
    async with house(answering(*codes)) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(60)
        assert it.store.history == history


async def test_an_acknowledgement_without_a_right_mac_ends_nothing(
    autojump_clock: MockClock,
) -> None:
    replies: list[Callable[[Reply], Reply]] = [
        lambda reply: reply,  # no MAC at all
        lambda reply: (reply[0], {**maced(reply)[1], 64: "00112233445566FF"}),
        maced,
    ]

    def script(message: Message) -> list[Reply] | None:
        return obedient(message) if message.mti[1] == "8" else [replies.pop(0)(answer_to(message))]

    async with house(script) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(30)
        assert it.store.history == ["later 5", "later 10", "done 00"]
        assert it.metrics.mac_failures.labels("host", "alpha")._value.get() == 2


async def test_a_refund_in_doubt_is_repeated_as_it_was_until_its_result_is_known(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("silent", "91", "00")) as it:
        original = transaction(it.cipher, mti="0220")
        it.store.add(original, kind="advice")
        await trio.sleep(60)
        assert [message.mti for message in it.heard()] == ["0221", "0221", "0221"]
        for message in it.heard():
            fields = message.fields.copy()
            del fields[128 if 128 in fields else 64]
            assert fields == dict(host_sale("0220").fields)
        assert it.store.history == ["later 5", "later 10", "answered 00"]
        assert it.store.outcomes[0].state is State.APPROVED


async def test_nothing_is_sent_while_the_database_is_away(autojump_clock: MockClock) -> None:
    async with house(answering("00")) as it:
        it.store.add(transaction(it.cipher))
        it.store.away = True
        await trio.sleep(60)
        assert it.heard() == []
        assert it.store.looks < 70  # once a second, not at every tick
        it.store.away = False
        await trio.sleep(3)
        assert it.store.history == ["done 00"]


async def test_an_acknowledgement_is_recorded_when_the_database_is_back(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("00")) as it:

        def script(message: Message) -> list[Reply] | None:
            it.store.away = message.mti[1] == "4"
            return answering("00")(message)

        it.peer.script = script
        it.store.add(transaction(it.cipher))
        await trio.sleep(60)
        it.store.away = False
        await trio.sleep(2)
        assert it.store.history == ["done 00"]
        assert len(it.heard()) == 1


async def test_nothing_is_counted_or_sent_while_the_hsm_is_away(autojump_clock: MockClock) -> None:
    async with house(answering("00")) as it:
        it.hsm.away = True
        it.store.add(transaction(it.cipher))
        await trio.sleep(60)
        assert it.store.rows[ID].owed.attempts == 0
        it.hsm.away = False
        await trio.sleep(3)
        assert it.store.history == ["done 00"]


async def test_what_is_owed_leaves_as_soon_as_the_link_signs_on(autojump_clock: MockClock) -> None:
    async with house(answering("00")) as it:
        it.peer.refuses = True
        assert it.peer.stream is not None
        await it.peer.stream.aclose()
        await trio.sleep(1)
        it.store.add(transaction(it.cipher))
        await trio.sleep(30)
        assert it.heard() == []
        assert it.metrics.saf_depth.labels("alpha", "reversal")._value.get() == 1
        it.peer.refuses = False
        await trio.sleep(70)
        assert it.store.history == ["done 00"]
        assert it.metrics.saf_depth.labels("alpha", "reversal")._value.get() == 0


async def test_a_connection_lost_after_the_reversal_left_makes_the_next_one_a_repeat(
    autojump_clock: MockClock,
) -> None:
    hung_up: list[bool] = []

    def script(message: Message) -> list[Reply] | None:
        if message.mti[1] == "4" and not hung_up:
            hung_up.append(True)
            return None
        return answering("00")(message)

    async with house(script) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(20)
        assert [message.mti for message in it.heard()] == ["0420", "0421"]
        assert it.store.history == ["later 5", "done 00"]


async def test_a_reversal_that_never_left_is_a_first_copy_again(autojump_clock: MockClock) -> None:
    async with house(answering("00")) as it:

        async def lose_the_line() -> None:
            assert it.peer.stream is not None
            await it.peer.stream.aclose()
            await trio.sleep(0.1)
            it.store.before_commit = trio.lowlevel.checkpoint

        it.store.before_commit = lose_the_line
        it.store.add(transaction(it.cipher))
        await trio.sleep(20)
        assert [message.mti for message in it.heard()] == ["0420"]
        assert it.store.rows[ID].owed.attempts == 2
        assert it.store.history == ["later 5", "done 00"]


async def test_what_cannot_be_said_is_parked_and_holds_nobody_up(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("00")) as it:
        bad = transaction(None, id_=bytes(16))
        it.store.add(replace(bad, host={**bad.host, "4": "not an amount"}))
        it.store.add(transaction(it.cipher))
        await trio.sleep(5)
        assert sorted(it.store.history) == ["done 00", "parked "]


async def test_after_a_takeover_nothing_is_sent_for_a_while(autojump_clock: MockClock) -> None:
    async with house(answering("00"), takeover_s=10.0) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(9)
        assert it.heard() == []
        await trio.sleep(2)
        assert it.store.history == ["done 00"]


async def test_reversals_pass_while_the_breaker_keeps_requests_back(
    autojump_clock: MockClock,
) -> None:
    def script(message: Message) -> list[Reply] | None:
        return [] if message.mti == "0200" or 70 in message else answering("00")(message)

    async with house(answering("silent")) as it:
        for number in range(1, 6):
            request = sale_request(f"{number:06d}", answer_s=1)
            assert await ask(it.link, request) == Silent()
        assert not it.link.usable
        it.peer.script = script
        assert it.link.room(Lane.REVERSAL) > 0
        it.store.add(transaction(it.cipher))
        await trio.sleep(2)
        assert it.store.history == ["done 00"]


async def test_a_window_bounds_how_many_are_on_their_way(autojump_clock: MockClock) -> None:
    async with house(answering("silent")) as it:
        for number in range(40):
            it.store.add(transaction(None, id_=number.to_bytes(16, "big")))
        await trio.sleep(5)
        assert len(it.heard()) == 16
        assert len({message[11] for message in it.heard()}) == 16
