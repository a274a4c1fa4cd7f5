"""The HSM of a run: the real engine, late, silent or away; a dead process hears nothing."""

from contextlib import suppress
from random import Random

import trio
from trio.testing import MockClock

from pointsman.hsm import commands as c
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.hsm import SimHsm
from pointsman.sim.world.process import Process, spared
from tests.sim.world.worlds import faults

ASKED = c.TokenOf("4111111111111111")


async def ask(hsm: SimHsm, process: Process, within_s: float = 2.0) -> c.Answer | None:
    """Ask; None where the HSM was not available."""
    answer = None
    async with trio.open_nursery() as nursery:
        await nursery.start(hsm.run)
        with suppress(c.HsmUnavailable):
            answer = await hsm.of(process).ask(ASKED, trio.current_time() + within_s)
        nursery.cancel_scope.cancel()
    return answer


def made(weather: Faults) -> tuple[SimHsm, Process]:
    return SimHsm(Random(1), weather, latency_s=0.01), Process("worker 0", spared)


async def test_the_engines_own_answer_comes_after_a_latency(autojump_clock: MockClock) -> None:
    hsm, process = made(faults())
    answer = await ask(hsm, process)
    assert answer == c.Token(hsm.token(ASKED.pan))
    assert 0.005 <= trio.current_time() <= 0.015


async def test_silence_ends_at_the_deadline_and_not_before(autojump_clock: MockClock) -> None:
    hsm, process = made(faults(hsm_silent=1.0))
    assert await ask(hsm, process, within_s=7.0) is None
    assert trio.current_time() == 7.0


async def test_who_is_down_answers_nobody_until_it_is_up_again(autojump_clock: MockClock) -> None:
    hsm, process = made(faults(hsm_down=1.0))
    port = hsm.of(process)
    seen = [port.is_up]
    assert await ask(hsm, process, within_s=0.5) is None
    seen.append(port.is_up)
    hsm.faults = faults()
    await trio.sleep_until(hsm.down_until)
    assert [*seen, port.is_up] == [True, False, True]
    assert isinstance(await ask(hsm, process), c.Token)


async def test_a_process_that_died_meanwhile_hears_no_answer(autojump_clock: MockClock) -> None:
    hsm, process = made(faults())
    heard: list[object] = []
    async with trio.open_nursery() as nursery:
        await nursery.start(hsm.run)
        hsm.of(process).submit(ASKED, trio.current_time() + 1, heard.append)
        process.alive = False
        await trio.sleep(5)
        hsm.of(process).submit(ASKED, trio.current_time() + 1, heard.append)
        await trio.sleep(5)
        nursery.cancel_scope.cancel()
    assert heard == []
