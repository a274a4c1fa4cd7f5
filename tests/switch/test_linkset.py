"""The links of one worker follow the site: opened, replaced after a drain, ended."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.store.parties import Acquirer, Directory
from pointsman.store.records import Owed, State
from pointsman.switch.acquirers import AcquirerLink
from pointsman.switch.linkset import DRAIN_S, LinkSet
from pointsman.switch.responses import Moment
from pointsman.switch.traffic import Answered, HostResult
from tests.hsm.laboratory import Laboratory
from tests.switch.host_peer import (
    ALPHA,
    HostPeer,
    Reply,
    Script,
    answer_to,
    new_metrics,
    obedient,
    sale_request,
    signed_on,
)
from tests.switch.host_peer import ask as ask_link
from tests.switch.lives import approved_sale
from tests.switch.owed_house import EngineHsm, FakeOwed, Held

BETA = replace(ALPHA, name="beta", port=9102)


class Numbers(FakeOwed):
    """Nothing is owed to anybody, and there are numbers for all."""

    async def due(self, acquirer: str, sessions: Sequence[int], limit: int) -> Sequence[Owed]:
        await trio.lowlevel.checkpoint()
        return []

    async def owed_soon(self, acquirer: str, session: int) -> None:
        await trio.lowlevel.checkpoint()
        self.history.append(f"soon {acquirer}/{session}")

    async def settlement_dates(self) -> Mapping[str, str]:
        await trio.lowlevel.checkpoint()
        return {}

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        await trio.lowlevel.checkpoint()
        assert name
        assert period
        assert count > 0
        return 1


@dataclass
class House:
    links: LinkSet
    peer: HostPeer
    store: Numbers

    def site(self, *acquirers: Acquirer) -> None:
        self.links.update(Directory(1, {}, {one.name: one for one in acquirers}, {}))

    async def ready(self, name: str = "alpha") -> AcquirerLink:
        link = self.links.links[name]
        await signed_on(link)
        return link


@asynccontextmanager
async def house(script: Script = obedient) -> AsyncIterator[House]:
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, script)
        store = Numbers()
        links = LinkSet(
            0,
            Held(),
            records=store,  # type: ignore[arg-type]  # the verbs that links ask for
            hsm=EngineHsm(Laboratory()),  # type: ignore[arg-type]  # the same method
            effects=Effects(random_bytes=lambda count: b"\x80" * count),
            timers=Timers(),
            metrics=new_metrics(),
            moment=lambda: Moment("101735", "0315", "0315021735"),
            dial=peer.dial,
        )
        nursery.start_soon(links.run)
        await trio.testing.wait_all_tasks_blocked()
        yield House(links, peer, store)
        nursery.cancel_scope.cancel()


async def test_an_acquirer_that_the_site_names_is_connected_and_signed_on(
    autojump_clock: MockClock,
) -> None:
    async with house() as made:
        made.site(ALPHA, BETA)
        await made.ready("alpha")
        await made.ready("beta")
        assert made.peer.types().count("0800/001") == 2
        assert set(made.links.stans) == {"alpha", "beta"}
        await trio.testing.wait_all_tasks_blocked()
        assert set(made.store.history) == {"soon alpha/0", "soon beta/0"}  # of what was put off


async def test_a_site_that_did_not_change_an_acquirer_leaves_its_link_alone(
    autojump_clock: MockClock,
) -> None:
    async with house() as made:
        made.site(ALPHA)
        link = await made.ready()
        made.site(replace(ALPHA), BETA)
        await made.ready("beta")
        assert made.links.links["alpha"] is link
        assert "0800/002" not in made.peer.types()


async def test_a_changed_acquirer_gets_a_new_link_and_the_old_one_answers_what_it_has(
    autojump_clock: MockClock,
) -> None:
    answers = trio.Event()

    def slow_on_payments(message: Message) -> list[Reply] | None:
        return obedient(message) if message.mti == "0800" else []

    async with house(slow_on_payments) as made:
        made.site(ALPHA)
        old = await made.ready()
        results: list[HostResult] = []

        async def sell() -> None:
            results.append(await ask_link(old, sale_request()))
            answers.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(sell)
            await trio.testing.wait_all_tasks_blocked()
            sale = next(one for one in made.peer.heard if one.mti == "0200")
            old_stream = made.peer.stream
            made.site(replace(ALPHA, in_flight_max=4))
            new = made.links.links["alpha"]
            assert new is not old
            await signed_on(new)
            made.peer.stream = old_stream
            await made.peer.say(answer_to(sale))
            with trio.fail_after(DRAIN_S):
                await answers.wait()
        assert [type(result) for result in results] == [Answered]
        await trio.sleep(DRAIN_S)
        assert made.peer.types().count("0800/002") == 1
        assert new.signed_on
        assert not old.signed_on


async def test_an_acquirer_that_is_gone_is_signed_off(autojump_clock: MockClock) -> None:
    async with house() as made:
        made.site(ALPHA, BETA)
        await made.ready("alpha")
        await made.ready("beta")
        made.site(BETA)
        assert set(made.links.links) == {"beta"}
        await trio.sleep(DRAIN_S)
        assert made.peer.types().count("0800/002") == 1


async def test_stopping_signs_every_link_off(autojump_clock: MockClock) -> None:
    async with house() as made:
        made.site(ALPHA, BETA)
        await made.ready("alpha")
        await made.ready("beta")
        await made.links.stop()
        assert made.peer.types().count("0800/002") == 2


async def test_a_refund_gets_its_outcome_when_its_acquirer_has_left_the_site(
    autojump_clock: MockClock,
) -> None:
    """The link drains with what is owed: the answer still has to be worded."""
    async with house() as made:
        made.site(ALPHA)
        await made.ready()
        outcome_of = made.links._lines["alpha"].owed._attempts._outcome_of
        made.site()
        outcome = outcome_of(approved_sale(), {3: "200000", 4: "000000010000", 39: "51"})
        assert (outcome.state, outcome.host_code) == (State.DECLINED, "51")
