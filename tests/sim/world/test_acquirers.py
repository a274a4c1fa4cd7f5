"""An acquirer of a run: the host of the simulators behind a line, and what moods do to both."""

from collections.abc import Mapping
from random import Random

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.framing import Envelope, get_framing
from pointsman.sim import host_messages as wire
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, HostRow, Outcome
from pointsman.sim.world.acquirers import LEFT_OPEN_CODES, REFUSED_CODE, SimAcquirer
from pointsman.sim.world.chance import Faults, Trace
from pointsman.sim.world.network import End, Network
from pointsman.sim.world.process import Process, spared
from tests.codecs.golden import golden
from tests.sim.world.worlds import faults

FORMAT, FRAMING = "ascii87-hexbitmap", "ascii4"
CODEC = get_codec(FORMAT)
ZAK, ZPK = bytes(range(16)), bytes(range(16, 32))
SALE: Mapping[int, str] = golden("host-ascii-sale-req").fields
REVERSAL: Mapping[int, str] = golden("host-ascii-reversal-advice-0420-req").fields
SEALED = frozenset({52, 53, 64, 128})  # PIN and MAC are of other keys
SIGN_ON = {7: "1122100000", 11: "000001", 70: "001"}


class Link:
    """A switch's line to one acquirer."""

    def __init__(self, drawn: Faults) -> None:
        self.rows: list[HostRow] = []
        self.network = Network(Random(1), faults(), Trace())
        self.acquirer = SimAcquirer(
            "alpha",
            Random(3),
            drawn,
            Process("acquirers", spared),
            lambda: "2026-11-22T10:00:00.000+00:00",
            lambda _name, row, _message: self.rows.append(row),
            FORMAT,
            FRAMING,
            ZoneKeys(ZPK, ZAK),
            delay_s=40.0,
        )
        self.network.listen("alpha", self.acquirer.accept)
        self._reader = get_framing(FRAMING).reader()
        self._frames: list[bytes] = []

    async def open(self) -> End:
        worker = Process("worker 0", spared)
        end = await self.network.dial(worker, "alpha", "alpha/0", self.acquirer.process)
        await self.send(end, "0800", SIGN_ON, sealed=False)
        assert (await self.answer(end))[39] == "00"
        return end

    async def send(
        self, end: End, mti: str, fields: Mapping[int, str], *, sealed: bool = True
    ) -> None:
        plain = {
            number: value for number, value in fields.items() if number not in {52, 53, 64, 128}
        }
        body = wire.close(CODEC, mti, plain, ZAK) if sealed else CODEC.encode(mti, plain)
        await end.send_all(get_framing(FRAMING).reply(Envelope(b"", b"", body), body))

    async def answer(self, end: End) -> Message:
        framing = get_framing(FRAMING)
        while not self._frames:
            self._frames += self._reader.feed(await end.receive())
        return CODEC.decode(framing.open(self._frames.pop(0)).body)

    @property
    def money(self) -> list[HostRow]:
        return [row for row in self.rows if isinstance(row, HostRequest | HostReversal)]


async def asked(link: Link, nursery: trio.Nursery) -> Message | None:
    """Send a sale; return its answer, or None where none comes within a minute."""
    await nursery.start(link.acquirer.run)
    end = await link.open()
    await link.send(end, "0200", SALE)
    with trio.move_on_after(60):
        return await link.answer(end)
    return None


async def test_a_row_is_written_before_the_answer_goes(autojump_clock: MockClock) -> None:
    link = Link(faults())
    async with trio.open_nursery() as nursery:
        answer = await asked(link, nursery)
        nursery.cancel_scope.cancel()
    (row,) = link.money
    assert isinstance(row, HostRequest)
    assert answer is not None
    assert wire.mac_ok(answer, ZAK)
    assert (row.outcome, answer[39], answer[38]) == (Outcome.APPROVED, "00", row.auth)


@pytest.mark.parametrize(
    ("mood", "outcome"), [("silent", Outcome.APPROVED), ("lost", Outcome.LOST)]
)
async def test_silence_may_hide_an_approval_or_nothing(
    autojump_clock: MockClock, mood: str, outcome: Outcome
) -> None:
    link = Link(faults(**{f"host_{mood}": 1.0}))
    async with trio.open_nursery() as nursery:
        assert await asked(link, nursery) is None
        nursery.cancel_scope.cancel()
    assert [row.outcome for row in link.money if isinstance(row, HostRequest)] == [outcome]


async def test_a_request_that_is_left_open_may_have_been_done_or_not(
    autojump_clock: MockClock,
) -> None:
    outcomes = set()
    for number in range(12):
        link = Link(faults(host_unclear=1.0))
        link.acquirer.draw = Random(number)
        async with trio.open_nursery() as nursery:
            answer = await asked(link, nursery)
            nursery.cancel_scope.cancel()
        assert answer is not None
        assert answer[39] in LEFT_OPEN_CODES
        assert 38 not in answer, "no approval code"
        assert wire.mac_ok(answer, ZAK)
        (row,) = link.money
        assert isinstance(row, HostRequest)
        outcomes.add(row.outcome)
        assert link.acquirer.host.book.settled() == (
            {(row.mid, row.currency): row.amount_minor} if row.outcome is Outcome.APPROVED else {}
        )
    assert outcomes == {Outcome.APPROVED, Outcome.LOST}


async def test_a_late_answer_comes_after_the_reversal(autojump_clock: MockClock) -> None:
    link = Link(faults(host_late=1.0))
    async with trio.open_nursery() as nursery:
        await nursery.start(link.acquirer.run)
        end = await link.open()
        await link.send(end, "0200", SALE)
        await trio.sleep(20)
        (row,) = link.money
        assert isinstance(row, HostRequest)
        original = {
            90: f"0200{SALE[11]}{SALE[7]}" + "0" * 22,
            4: SALE[4],
            41: SALE[41],
            42: SALE[42],
            37: SALE[37],
            7: "1122100100",
            11: "000777",
        }
        await link.send(end, "0420", {**REVERSAL, **original})
        heard = [await link.answer(end), await link.answer(end)]
        nursery.cancel_scope.cancel()
    assert sorted(one.mti for one in heard) == ["0210", "0430"]
    effects = [row.effect for row in link.money if isinstance(row, HostReversal)]
    assert effects == [Effect.UNDONE]


async def test_a_reversal_refused_out_of_hand_undoes_nothing(autojump_clock: MockClock) -> None:
    link = Link(faults(**{"host_reversal-refused": 1.0}))
    async with trio.open_nursery() as nursery:
        await nursery.start(link.acquirer.run)
        end = await link.open()
        await link.send(end, "0420", REVERSAL)
        assert (await link.answer(end))[39] == REFUSED_CODE
        nursery.cancel_scope.cancel()
    effects = [row.effect for row in link.money if isinstance(row, HostReversal)]
    assert effects == [Effect.LOST]


async def test_who_hangs_up_has_done_it_and_twice_is_the_same_twice(
    autojump_clock: MockClock,
) -> None:
    link = Link(faults(host_drop=1.0))
    async with trio.open_nursery() as nursery:
        await nursery.start(link.acquirer.run)
        end = await link.open()
        await link.send(end, "0200", SALE)
        with pytest.raises(ConnectionResetError):
            await link.answer(end)
        nursery.cancel_scope.cancel()
    assert len(link.money) == 1
    link = Link(faults(host_twice=1.0))
    async with trio.open_nursery() as nursery:
        await nursery.start(link.acquirer.run)
        end = await link.open()
        await link.send(end, "0200", SALE)
        assert (await link.answer(end)).raw == (await link.answer(end)).raw
        nursery.cancel_scope.cancel()
    assert len(link.money) == 1
