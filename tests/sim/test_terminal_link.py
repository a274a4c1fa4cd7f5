"""One connection of a terminal: answers find whoever asked, a broken line releases all."""

import pytest
import trio

from pointsman.sim.device import Device
from pointsman.sim.pos_management import echo, sign_in
from pointsman.sim.pos_messages import request_fields
from pointsman.sim.terminal_link import Answered, NoLineError, open_line
from tests.sim.scripted import CODEC, DROP, SEALING, SILENT, Switch, address, switch
from tests.sim.test_pos_messages import asked

DEVICE = Device("898100053310001", "12345678", batch="000012")


def sale(stan: str) -> bytes:
    return SEALING.seal("0200", request_fields(asked(stan=stan), SEALING.keys, bytes(12)))


async def test_answers_find_whoever_asked_in_any_order() -> None:
    async with switch() as made, open_line(address(made)) as line:
        answers: dict[str, Answered | None] = {}

        async def ask(stan: str) -> None:
            answers[stan] = await line.ask("0200", stan, sale(stan), 2.0)

        async with trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(ask, f"{number:06d}")
        for stan, answered in answers.items():
            assert answered is not None
            assert answered.message.get(11) == stan


async def test_a_message_without_stan_is_matched_by_its_code() -> None:
    mti, fields = echo(DEVICE)
    async with switch(Switch(requirement=3)) as made, open_line(address(made)) as line:
        answered = await line.ask(mti, fields[60][8:11], CODEC.encode(mti, fields), 2.0)
    assert answered is not None
    assert answered.requirement == 3


async def test_silence_is_none_and_the_line_goes_on() -> None:
    script = Switch()
    script.script.append(SILENT)
    async with switch(script) as made, open_line(address(made)) as line:
        assert await line.ask("0200", "000001", sale("000001"), 0.05) is None
        assert await line.ask("0200", "000002", sale("000002"), 2.0) is not None


async def test_a_line_that_breaks_releases_whoever_waits_at_once() -> None:
    script = Switch()
    script.script.append(DROP)
    with trio.fail_after(5):
        async with switch(script) as made, open_line(address(made)) as line:
            assert await line.ask("0200", "000001", sale("000001"), 60.0) is None
            await line.closed.wait()
            assert await line.ask("0200", "000002", sale("000002"), 60.0) is None


async def test_an_answer_that_nobody_asked_for_is_counted() -> None:
    mti, fields = sign_in(DEVICE, "000007")
    async with switch() as made, open_line(address(made)) as line:
        await line.send(CODEC.encode(mti, fields))
        assert await line.ask("0200", "000001", sale("000001"), 2.0) is not None
        assert line.unexpected == 1


async def test_where_nobody_listens_there_is_no_line() -> None:
    async with switch() as made:
        gone = address(made)
    with pytest.raises(NoLineError):
        async with open_line(gone):
            pass
