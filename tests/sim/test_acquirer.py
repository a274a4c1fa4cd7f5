"""The simulated acquirer over TCP, with a scripted switch on the other end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.framing import Envelope, FrameReader, get_framing
from pointsman.sim import host_messages as wire
from pointsman.sim.acquirer import AcquirerOptions, AcquirerSim
from pointsman.sim.host_rows import HOST_ROWS, HostNetwork, HostRow
from pointsman.sim.ledger import read_rows
from pointsman.sim.moods import parse_moods
from tests.codecs.golden import golden

CODEC = get_codec("ascii87-hexbitmap")
FRAMING = get_framing("ascii4")
KEYS = wire.ZoneKeys(
    bytes.fromhex("3B6E10E5E95DB68F08137A38671FC1BC"),
    bytes.fromhex("92CBAE529E439D623885CDE64A8CA1CE"),
)
SALE = dict(golden("host-ascii-sale-req").fields)
REVERSAL = dict(golden("host-ascii-reversal-advice-0420-req").fields)
QUIET_S = 0.2  # long enough for an answer on loopback that must not come


class Switch:
    """A scripted switch on one connection."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.reader: FrameReader = FRAMING.reader()
        self.frames: list[bytes] = []

    async def send(self, mti: str, fields: dict[int, str]) -> None:
        if not mti.startswith("08"):
            without = {n: v for n, v in fields.items() if n not in {64, 128}}
            body = wire.close(CODEC, mti, without, KEYS.zak)
        else:
            body = CODEC.encode(mti, fields)
        await self.stream.send_all(FRAMING.close(Envelope(b"", b"", body), body))

    async def receive(self) -> Message | None:
        """Return the next answer, None when the line closes."""
        while not self.frames:
            data = await self.stream.receive_some(4096)
            if not data:
                return None
            self.frames = self.reader.feed(data)
        return CODEC.decode(self.frames.pop(0))

    async def ask(self, mti: str, fields: dict[int, str]) -> Message:
        await self.send(mti, fields)
        answer = await self.receive()
        assert answer is not None
        return answer


@asynccontextmanager
async def acquirer(
    ledger: Path, mood: str = "", *, sign_on: bool = True
) -> AsyncIterator[tuple[AcquirerSim, Switch]]:
    options = AcquirerOptions(
        name="alpha",
        host="127.0.0.1",
        port=0,
        format="ascii87-hexbitmap",
        framing="ascii4",
        keys=KEYS,
        ledger=ledger,
        moods=parse_moods(mood),
        delay_s=0.05,
    )
    sim = AcquirerSim(options, lambda _: None)
    async with trio.open_nursery() as nursery:
        port = await nursery.start(sim.run)
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            switch = Switch(stream)
            if sign_on:
                answer = await switch.ask("0800", {7: "0315021530", 11: "900001", 70: "001"})
                assert (answer.mti, answer.get(39)) == ("0810", "00")
            yield sim, switch
        nursery.cancel_scope.cancel()


def with_amount(minor: int, stan: str = "004711") -> dict[int, str]:
    return {**SALE, 4: f"{minor:012d}", 11: stan}


def rows(path: Path) -> list[HostRow]:
    return list(read_rows(path, HOST_ROWS))


async def test_the_golden_sale_is_approved_with_a_good_mac(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl") as (sim, switch):
        answer = await switch.ask("0200", SALE)
        assert (answer.mti, answer.get(39)) == ("0210", "00")
        assert wire.mac_ok(answer, KEYS.zak)
        assert answer.get(38)
        echoed = (2, 3, 4, 7, 11, 37, 41, 42, 49)
        assert [answer.get(n) for n in echoed] == [SALE[n] for n in echoed]
        assert sim.settled() == {(SALE[42], "156"): 10_000}


async def test_amounts_and_pin_bring_the_codes_of_the_table(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl") as (_, switch):
        for place, (minor, code) in enumerate([(10_051, "51"), (10_005, "05"), (9_000_000, "61")]):
            answer = await switch.ask("0200", with_amount(minor, f"{place + 1:06d}"))
            assert answer.get(39) == code
            assert answer.get(38) is None
        answer = await switch.ask("0200", {**SALE, 52: "0123456789ABCDEF"})
        assert answer.get(39) == "55"


async def test_a_silent_host_has_done_it_and_the_reversal_undoes_it(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl") as (sim, switch):
        await switch.send("0200", with_amount(10_098))
        with trio.move_on_after(QUIET_S) as quiet:
            await switch.receive()
        assert quiet.cancelled_caught
        assert sim.settled() == {(SALE[42], "156"): 10_098}
        answer = await switch.ask("0420", {**REVERSAL, 4: f"{10_098:012d}"})
        assert (answer.mti, answer.get(39)) == ("0430", "00")
        assert wire.mac_ok(answer, KEYS.zak)
        assert sim.settled() == {}


async def test_a_late_answer_comes_after_the_reversal(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl") as (_, switch):
        await switch.send("0200", with_amount(10_094))
        await switch.send("0420", {**REVERSAL, 4: f"{10_094:012d}"})
        answers = [await switch.receive(), await switch.receive()]
        assert {answer.mti for answer in answers if answer} == {"0430", "0210"}


async def test_answers_come_twice_wrong_or_not_at_all(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl") as (sim, switch):
        await switch.send("0200", with_amount(10_095, "000001"))
        first, second = await switch.receive(), await switch.receive()
        assert first is not None
        assert first == second
        bad = await switch.ask("0200", with_amount(10_090, "000002"))
        assert not wire.mac_ok(bad, KEYS.zak)
        other = await switch.ask("0200", with_amount(10_089, "000003"))
        assert other.get(4) == f"{10_090:012d}"
        assert sim.settled() == {(SALE[42], "156"): 10_095 + 10_090 + 10_090}
        undone = {**REVERSAL, 4: f"{10_089:012d}", 90: REVERSAL[90].replace("004711", "000003")}
        assert (await switch.ask("0420", undone)).get(39) == "00"
        assert sim.settled() == {(SALE[42], "156"): 10_095 + 10_090}
        delayed = await switch.ask("0200", with_amount(10_097, "000004"))
        assert delayed.get(39) == "00"
        await switch.send("0200", with_amount(10_096, "000005"))
        assert await switch.receive() is None


async def test_after_a_dropped_line_the_next_one_is_served(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    async with acquirer(path) as (sim, switch):
        port = switch.stream.socket.getpeername()[1]
        await switch.send("0200", with_amount(10_096))
        assert await switch.receive() is None
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            again = Switch(stream)
            await again.ask("0800", {7: "0315021530", 11: "900001", 70: "001"})
            answer = await again.ask("0420", {**REVERSAL, 4: f"{10_096:012d}"})
            assert answer.get(39) == "00"
        assert sim.settled() == {}


async def test_what_is_not_sealed_is_refused_and_not_done(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl") as (sim, switch):
        body = bytearray(golden("host-ascii-sale-req").body)
        body[-1] ^= 1
        await switch.stream.send_all(b"%04d" % len(body) + bytes(body))
        answer = await switch.receive()
        assert answer is not None
        assert answer.get(39) == "A0"
        assert sim.settled() == {}


async def test_money_before_sign_on_is_refused_but_a_reversal_is_taken(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl", sign_on=False) as (_, switch):
        assert (await switch.ask("0200", SALE)).get(39) == "91"
        assert (await switch.ask("0420", REVERSAL)).get(39) == "00"


async def test_a_payment_code_gets_a_voucher(tmp_path: Path) -> None:
    code = {n: v for n, v in SALE.items() if n not in {2, 14, 23, 26, 35, 52, 53}}
    async with acquirer(tmp_path / "a.jsonl") as (_, switch):
        answer = await switch.ask("0200", code | {22: "032", 48: "A30196200000000000000001"})
        assert answer.get(39) == "00"
        assert wire.read_tags(answer[48])["A4"].endswith(SALE[37])


async def test_the_ledger_survives_a_restart_and_holds_no_card_number(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    async with acquirer(path) as (_, switch):
        await switch.ask("0200", SALE)
    async with acquirer(path) as (sim, switch):
        assert sim.settled() == {(SALE[42], "156"): 10_000}
        assert (await switch.ask("0420", REVERSAL)).get(39) == "00"
        assert (await switch.ask("0421", REVERSAL)).get(39) == "00"
    text = path.read_text()
    assert SALE[2] not in text
    effects = [r.effect for r in rows(path) if hasattr(r, "effect")]
    assert effects == ["undone", "repeat"]


async def test_frames_that_are_answered_alike_in_one_moment_are_each_answered(
    tmp_path: Path,
) -> None:
    """Two equal replies under way at once had ended the program."""
    echo = {7: "0315021530", 11: "900002", 70: "301"}
    async with acquirer(tmp_path / "a.jsonl") as (_, switch):
        for _number in range(20):
            await switch.send("0800", echo)
        for _number in range(20):
            answer = await switch.receive()
            assert answer is not None
            assert answer.mti == "0810"


async def test_garbage_is_written_down_and_the_line_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    async with acquirer(path) as (_, switch):
        await switch.stream.send_all(b"0010garbage!!!")
        assert (await switch.ask("0800", {7: "0315021530", 11: "900301", 70: "301"})).mti == "0810"
    assert any("not read" in getattr(row, "what", "") for row in rows(path))


async def test_a_cut_over_is_told_and_its_date_is_in_every_answer_from_then_on(
    tmp_path: Path,
) -> None:
    async with acquirer(tmp_path / "a.jsonl") as (sim, switch):
        assert (await switch.ask("0200", {**SALE, 11: "000001"})).get(15) == SALE[13]
        sim.cut_over("1124")
        told = await switch.receive()
        assert told is not None
        assert (told.mti, told.get(15), told.get(70)) == ("0800", "1124", "201")
        back = {n: told.get(n) or "" for n in (7, 11, 15, 70)}
        await switch.send("0810", {**back, 39: "00"})
        later = await switch.ask("0200", {**SALE, 11: "000002", 15: "1123"})
        assert (later.get(39), later.get(15)) == ("00", "1124")
        assert wire.mac_ok(later, KEYS.zak)
    network = [row for row in rows(tmp_path / "a.jsonl") if isinstance(row, HostNetwork)]
    assert [(row.what, row.code) for row in network][-1] == ("cut-over answered", "00")


async def test_moods_may_change_while_it_runs(tmp_path: Path) -> None:
    async with acquirer(tmp_path / "a.jsonl", "decline:1") as (sim, switch):
        assert (await switch.ask("0200", with_amount(10_000, "000001"))).get(39) == "05"
        sim.host.moods = parse_moods("none")
        assert (await switch.ask("0200", with_amount(10_000, "000002"))).get(39) == "00"
