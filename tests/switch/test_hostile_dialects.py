"""Wallet messages and the international dialect, mutilated: refused or dropped, nothing ends."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.framing import Envelope, get_framing
from pointsman.sim.pos_messages import HEADER, TPDU
from tests.codecs.golden import golden, golden_messages
from tests.switch.whole import MID, NII, NII_TID, Whole, whole

MUTANTS_EACH = 15
SALE = golden("cup-sale-manual-req").fields


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


def mutants(dialect: str, seed: int) -> Iterator[bytes]:
    """Yield bodies of golden requests with bytes changed, cut off, doubled or put in."""
    draw = Random(seed)
    for one in golden_messages():
        if one.dialect != dialect or "resp" in one.name:
            continue
        for _ in range(MUTANTS_EACH):
            body = bytearray(one.body)
            at = draw.randrange(len(body))
            match draw.randrange(4):
                case 0:
                    body[at] = draw.randrange(256)
                case 1:
                    del body[at:]
                case 2:
                    body[at:at] = draw.randbytes(draw.randrange(1, 9))
                case _:
                    body[at:at] = body[at:]
            if body:
                yield bytes(body[:2000])


async def pour(house: Whole, framing: str, bodies: Iterator[bytes]) -> int:
    """Send every body over one connection that is read all the while; return how many."""
    profile = get_framing(framing)
    stream = await trio.open_tcp_stream("127.0.0.1", house.ports[framing])
    sent = 0
    async with stream, trio.open_nursery() as nursery:

        async def drain() -> None:
            async for _ in stream:
                pass

        nursery.start_soon(drain)
        for body in bodies:
            await stream.send_all(profile.close(Envelope(TPDU, HEADER, body), body))
            sent += 1
            await trio.sleep(0.05)
        nursery.cancel_scope.cancel()
    return sent


@pytest.mark.parametrize(
    ("dialect", "framing"),
    [("cup-wallet-1xxx", "tpdu-header"), ("nii-bcd", "tpdu"), ("cup-bcd", "tpdu")],
)
async def test_what_is_mutilated_ends_nothing(
    clock: MockClock, tmp_path: Path, dialect: str, framing: str
) -> None:
    async with whole(tmp_path) as house:
        assert await pour(house, framing, mutants(dialect, 20260315)) >= 3 * MUTANTS_EACH
        await house.quiet()
        async with house.terminal() as pos:
            assert (await pos.ask("0200", SALE))[39] == "00"
        async with house.terminal("tpdu") as pos:
            test = {3: "990000", 11: "000001", 24: "003", 41: NII_TID, 42: MID}
            assert (await pos.ask("0800", test, codec=NII, mac=False))[39] == "00"
