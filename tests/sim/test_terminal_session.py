"""Sign-in, keys and the kept connection of one simulated terminal."""

from collections import deque

import trio

from pointsman.sim.device import Device
from pointsman.sim.pos_management import echo
from pointsman.sim.pos_messages import request_fields
from pointsman.sim.terminal_options import Connect, TerminalOptions
from pointsman.sim.terminal_session import Session
from tests.sim.scripted import IDENTITY, KEYS, SEALING, Switch, address, switch
from tests.sim.test_pos_messages import asked


def session(made: Switch, connect: Connect = Connect.PER_MESSAGE) -> tuple[Session, list[str]]:
    told: list[str] = []

    async def signed_in(code: str, batch: str) -> None:
        told.append(f"{code} {batch}")

    options = TerminalOptions(port=made.port, timeout_s=1.0, connect=connect)
    device = Device(IDENTITY.mid, IDENTITY.tid)
    return Session(IDENTITY, options, address(made), device, signed_in), told


async def test_a_sign_in_gives_the_keys_and_is_done_once() -> None:
    async with switch() as made:
        one, told = session(made)
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(one.sign_in)
    assert told == ["00 000012"]
    assert one.keys == (KEYS,)
    assert len(made.asked) == 1


async def test_a_refused_sign_in_is_tried_again() -> None:
    async with switch(Switch(sign_in_codes=deque(["97", "96"]))) as made:
        one, told = session(made)
        await one.sign_in()
    assert told == ["97 ", "96 ", "00 000012"]


async def test_the_set_before_is_kept_for_answers_under_way() -> None:
    async with switch() as made:
        one, _ = session(made)
        for _ in range(3):
            one.want_sign_in()
            await one.sign_in()
    assert len(one.keys) == 2


async def test_a_kept_line_is_opened_again_after_it_closed() -> None:
    async with switch() as made, trio.open_nursery() as nursery:
        one, _ = session(made, Connect.STAY)
        nursery.start_soon(one.keep_line)
        await one.sign_in()
        assert await one.manage(*echo(one.device)) is not None
        assert made.connections == 1
        made.script.append("drop")
        assert await one.exchange("0200", "000001", _sale()) is None
        assert await one.manage(*echo(one.device)) is not None
        assert made.connections == 2
        nursery.cancel_scope.cancel()


def _sale() -> bytes:
    return SEALING.seal("0200", request_fields(asked(stan="000001"), KEYS, bytes(12)))
