"""Sign-in, reversal, settlement and upload, each with a store and an HSM in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import trio
import trio.testing
from prometheus_client import CollectorRegistry

from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.hsm.commands import (
    HsmUnavailable,
    Inbound,
    InboundDone,
    NewTerminalKeys,
    Outbound,
    OutboundDone,
    Refused,
    TerminalKeys,
)
from pointsman.metrics import Metrics
from pointsman.store.parties import Directory, KeySet, Route, Terminal
from pointsman.store.records import RequestKey, ReversalArrival
from pointsman.store.verbs import (
    BatchTotals,
    SideTotals,
    SignedIn,
    StoreUnavailableError,
    UploadItem,
)
from pointsman.switch import reading
from pointsman.switch.errands import Errands
from pointsman.switch.ports import Ask
from pointsman.switch.refusals import Refusals
from pointsman.switch.siteview import SiteView
from tests.codecs.golden import golden
from tests.switch.lives import ALPHA, CURRENT, MERCHANT, PENDING, POS, TERMINAL, message
from tests.switch.test_conductor import FRAMING, NOW, Terminals

KEYS = golden("cup-signin-resp-003-real").fields[62]
NONE = SideTotals()


@dataclass
class World:
    """The store's rare verbs and the HSM."""

    away: bool = False
    hsm_away: bool = False
    limited: bool = False
    good_keys: tuple[bytes, ...] = (CURRENT.tak,)
    arrival: ReversalArrival = ReversalArrival.OWED
    told: dict[str, str] | None = None
    now: datetime = NOW
    rrns: Iterator[str] = field(default_factory=lambda: (f"6074{n:08d}" for n in count(1)))
    totals: BatchTotals | None = None
    reversals: list[tuple[RequestKey, int, str]] = field(default_factory=list)
    uploads: list[UploadItem] = field(default_factory=list)
    promoted: list[int] = field(default_factory=list)
    signed_off: int = 0
    closed: int | None = None
    kicks: int = 0
    single: tuple[bytes, ...] = ()  # MAKs that do not fit the layout asked for
    terminal_now: Terminal = TERMINAL

    def _look(self) -> None:
        if self.away:
            raise StoreUnavailableError

    async def ask(self, request: object, _deadline: float) -> object:
        if self.hsm_away:
            raise HsmUnavailable
        match request:
            case NewTerminalKeys(again=()):
                return TerminalKeys(b"tpk-9", b"tak-9", None, bytes.fromhex(KEYS), ())
            case NewTerminalKeys(again=(_, tak)) if tak in self.single:
                return Refused("not-allowed", "not a working key of this layout")
            case NewTerminalKeys(again=(tpk, tak)):
                return TerminalKeys(tpk, tak, None, tpk + tak, ())
            case Outbound(mac=check) if check is not None:
                return OutboundDone(mac_ok=check.key in self.good_keys)
            case Inbound():
                return InboundDone(mac=b"0A1B2C3D")
            case _:
                raise AssertionError(request)

    async def terminal(self, _mid: str, _tid: str) -> Terminal:
        self._look()
        return self.terminal_now

    async def sign_in(self, _mid: str, _tid: str, tpk: bytes, tak: bytes) -> SignedIn:
        self._look()
        if self.limited:
            return SignedIn("000013", PENDING)
        return SignedIn("000013", KeySet(9, tpk, tak, PENDING.state))

    async def sign_off(self, _mid: str, _tid: str) -> None:
        self._look()
        self.signed_off += 1

    async def promote(self, _mid: str, _tid: str, number: int) -> None:
        self.promoted.append(number)

    async def reversal_arrived(
        self, key: RequestKey, amount_minor: int, reason: str
    ) -> ReversalArrival:
        self._look()
        self.reversals.append((key, amount_minor, reason))
        return self.arrival

    async def reversal_told(self, _key: RequestKey, told: dict[str, str]) -> dict[str, str]:
        self._look()
        if self.told is None or self.told["39"] != told["39"]:
            self.told = told
        return self.told

    async def batch_totals(self, _mid: str, _tid: str, _batch: str) -> BatchTotals:
        self._look()
        return self.totals or BatchTotals(NONE, NONE)

    async def settle_batch(
        self, _mid: str, _tid: str, _batch: str, claimed: BatchTotals
    ) -> BatchTotals | None:
        self._look()
        return self.totals or claimed

    async def upload(self, _mid: str, _tid: str, _batch: str, items: tuple[UploadItem, ...]) -> int:
        self.uploads.extend(items)
        return len(items)

    async def close_batch(self, _mid: str, _tid: str, _batch: str, uploaded: int) -> str | None:
        self.closed = uploaded
        return "balanced"

    def take(self) -> str:
        return next(self.rrns)

    def kick(self) -> None:
        self.kicks += 1


async def answer(world: World, name: str, **changes: str | None) -> dict[int, str]:
    """Run one message through the errands; return the fields of its answer."""
    given = message(name, **changes)
    metrics = Metrics(CollectorRegistry())
    numbers: Any = world
    site = SiteView(Effects(now=lambda: world.now), links={}, stans={}, rrns=numbers)
    site.update(
        Directory(
            1,
            {MERCHANT.mid: MERCHANT},
            {"alpha": ALPHA},
            {MERCHANT.mid: (Route(MERCHANT.mid, "alpha", 1),)},
        )
    )
    store: Any = world
    errands = Errands(
        site,
        Refusals(site, metrics),
        records=store,
        hsm=store,
        metrics=metrics,
        timers=Timers(),
        kick=world.kick,
    )
    connection = Terminals()
    envelope = FRAMING.open(FRAMING.reader().feed(golden("cup-sale-swipe-pin-req").wire)[0])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(errands.run)
        await trio.testing.wait_all_tasks_blocked()
        request = reading.read(given.mti, given.fields)
        assert errands.begin(Ask(connection, envelope, given, 0.0, POS), TERMINAL, request)
        await trio.testing.wait_all_tasks_blocked()
        assert errands.busy == 0
        nursery.cancel_scope.cancel()
    assert len(connection.answers) == 1
    return dict(connection.answers[0].fields)


async def test_a_sign_in_gives_keys_and_the_batch_number() -> None:
    fields = await answer(World(), "cup-signin-req-003-real")
    assert (fields[39], fields[60], fields[62]) == ("00", "00000013003", KEYS)
    assert fields[12] == "101735"
    assert 64 not in fields


async def test_a_terminal_that_signs_in_too_often_is_told_the_keys_that_it_has() -> None:
    fields = await answer(World(limited=True), "cup-signin-req-003-real")
    assert (fields[39], fields[62]) == ("00", (PENDING.tpk + PENDING.tak).hex().upper())


async def test_keys_of_another_layout_asked_for_in_its_name_do_not_lock_a_terminal_out() -> None:
    fields = await answer(World(limited=True, single=(PENDING.tak,)), "cup-signin-req-003-real")
    assert (fields[39], fields[62]) == ("00", (CURRENT.tpk + CURRENT.tak).hex().upper())
    world = World(limited=True, single=(PENDING.tak, CURRENT.tak))
    assert (await answer(world, "cup-signin-req-003-real"))[39] == "96"


async def test_a_sign_off_and_an_echo_are_answered_like_the_golden_ones() -> None:
    world = World()
    off = await answer(world, "cup-signoff-req")
    assert off.keys() == golden("cup-signoff-resp").fields.keys()
    assert world.signed_off == 1
    echo = await answer(world, "cup-echo-req")
    assert echo.keys() == golden("cup-echo-resp").fields.keys()


async def test_a_reversal_is_written_and_answered_with_a_mac() -> None:
    world = World()
    fields = await answer(world, "cup-reversal-sale-req")
    assert (fields[39], fields[64]) == ("00", b"0A1B2C3D".hex().upper())
    assert fields.keys() == golden("cup-reversal-sale-resp").fields.keys()
    key = RequestKey("898100053310001", "12345678", "000012", "000120")
    assert world.reversals == [(key, 10000, "68")]
    assert world.kicks == 1


@pytest.mark.parametrize(
    ("arrival", "code"),
    [
        (ReversalArrival.UNKNOWN_ORIGINAL, "25"),
        (ReversalArrival.AMOUNT_DIFFERS, "25"),
        (ReversalArrival.NOTHING_TO_UNDO, "00"),
        (ReversalArrival.VOIDED, "12"),
        (ReversalArrival.NOT_DURABLE, "96"),
    ],
)
async def test_what_a_reversal_met_is_its_answer(arrival: ReversalArrival, code: str) -> None:
    assert (await answer(World(arrival=arrival), "cup-reversal-sale-req"))[39] == code


@pytest.mark.parametrize("arrival", [ReversalArrival.OWED, ReversalArrival.UNKNOWN_ORIGINAL])
async def test_a_repeated_reversal_hears_the_first_ones_answer(arrival: ReversalArrival) -> None:
    world = World(arrival=arrival)
    first = await answer(world, "cup-reversal-sale-req")
    world.now += timedelta(minutes=3)
    if arrival is ReversalArrival.OWED:
        world.arrival = ReversalArrival.NOTHING_TO_UNDO  # acknowledged meanwhile: 00 as before
    again = await answer(world, "cup-reversal-sale-req")
    assert again == first
    world.arrival = ReversalArrival.VOIDED
    other = await answer(world, "cup-reversal-sale-req")
    assert (other[39], other[12]) == ("12", "102035")


async def test_a_reversal_with_a_wrong_mac_is_a0_and_writes_nothing() -> None:
    world = World(good_keys=())
    fields = await answer(world, "cup-reversal-sale-req")
    assert fields[39] == "A0"
    assert world.reversals == []


async def test_a_reversal_under_a_key_set_of_another_worker_is_found_by_reading_again() -> None:
    now = replace(TERMINAL, key_sets=(PENDING, CURRENT))
    world = World(good_keys=(PENDING.tak,), terminal_now=now)
    assert (await answer(world, "cup-reversal-sale-req"))[39] == "00"
    assert world.promoted == [PENDING.number]


async def test_equal_totals_are_answered_1_and_without_a_code() -> None:
    fields = await answer(World(), "cup-settle-req")
    expected = golden("cup-settle-resp-balanced").fields
    assert fields[48] == expected[48]
    assert fields.keys() == expected.keys()


async def test_a_side_that_differs_is_answered_2() -> None:
    world = World(totals=BatchTotals(NONE, SideTotals(2550, 1)))
    fields = await answer(world, "cup-settle-req")
    assert fields[48] == golden("cup-settle-resp-unbalanced").fields[48]


@pytest.mark.parametrize(("ours", "result"), [(999, "1"), (1234, "1"), (998, "2")])
async def test_a_count_that_field_48_cannot_say_is_told_as_999(ours: int, result: str) -> None:
    world = World(totals=BatchTotals(SideTotals(500_000, ours), NONE))
    said = f"{500_000:012d}999" + "0" * 16 + "0" * 31
    fields = await answer(world, "cup-settle-req", f48=said)
    assert (fields[48][30], fields[48][61]) == (result, "1")
    told = f"{500_001:012d}999" + "0" * 16 + "0" * 31
    assert (await answer(world, "cup-settle-req", f48=told))[48][30] == "2"


async def test_uploaded_items_are_kept_and_counted() -> None:
    world = World()
    fields = await answer(world, "cup-batch-upload-201-req")
    expected = golden("cup-batch-upload-201-resp").fields
    assert (fields[48], fields[39]) == (expected[48], "00")
    assert fields.keys() == expected.keys()
    assert [item.stan for item in world.uploads] == ["000120", "000132", "000140"]


async def test_the_end_of_a_batch_closes_it() -> None:
    world = World()
    fields = await answer(world, "cup-batch-end-202-req")
    assert fields.keys() == golden("cup-batch-end-202-resp").fields.keys()
    assert world.closed == 4


@pytest.mark.parametrize("world", [World(away=True), World(hsm_away=True)])
async def test_without_store_or_hsm_the_answer_is_96(world: World) -> None:
    assert (await answer(world, "cup-reversal-sale-req"))[39] == "96"
    assert (await answer(world, "cup-signin-req-003-real"))[39] == "96"


async def test_an_unknown_type_is_40_with_a_mac_and_a0_without_a_right_one() -> None:
    fields = await answer(World(), "cup-sale-swipe-pin-req", f3="990000")
    assert (fields[39], 64 in fields) == ("40", True)
    fields = await answer(World(good_keys=()), "cup-sale-swipe-pin-req", f3="990000")
    assert (fields[39], 64 in fields) == ("A0", False)
