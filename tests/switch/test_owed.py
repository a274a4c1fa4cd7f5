"""What is owed is looked for, sent in a window, and waits while something is away."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.switch.traffic import Lane, Silent
from tests.switch.host_peer import Reply, ask, sale_request
from tests.switch.owed_house import ID, Held, answering, house, transaction

pytestmark = pytest.mark.usefixtures("backend")


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


async def test_what_was_put_off_for_long_comes_soon_after_a_sign_on(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("00")) as it:
        it.store.add(transaction(it.cipher))
        it.store.rows[ID].due_at = trio.current_time() + 300
        await trio.sleep(30)
        assert it.heard() == []
        it.store.away = True
        it.sender.signed_on()
        await trio.sleep(5)
        it.store.away = False
        await trio.sleep(8)
        assert it.heard() == []
        await trio.sleep(4)
        assert it.store.history == ["done 00"]


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
    async with house(answering("00"), lease=Held(quiet_until=trio.current_time() + 10)) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(9)
        assert it.heard() == []
        await trio.sleep(2)
        assert it.store.history == ["done 00"]


async def test_nothing_is_looked_for_or_sent_when_the_lease_has_run_out(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("00"), lease=Held(until=0.0)) as it:
        it.store.add(transaction(it.cipher))
        await trio.sleep(30)
        assert (it.heard(), it.store.looks) == ([], 0)
        it.lease.until = trio.current_time() + 8
        await trio.sleep(2)
        assert it.store.history == ["done 00"]


async def test_a_lease_that_runs_out_during_the_commit_sends_nothing(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("00")) as it:

        async def pause() -> None:
            """Stand for a process that is stopped until its lease has lapsed."""
            await trio.sleep(12)

        it.lease.until = trio.current_time() + 8
        it.store.before_commit = pause
        it.store.add(transaction(it.cipher))
        await trio.sleep(60)
        assert it.heard() == []
        assert it.store.rows[ID].owed.attempts == 1  # counted, and known not to have left


async def test_what_another_took_is_not_sent(autojump_clock: MockClock) -> None:
    async with house(answering("00")) as it:
        it.store.lost = True
        it.store.add(transaction(it.cipher))
        await trio.sleep(30)
        assert it.heard() == []
        assert it.store.history == []


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


async def test_what_another_session_owes_is_left_to_its_holder(autojump_clock: MockClock) -> None:
    async with house(answering("00")) as it:
        for session in range(3):
            original = transaction(None, id_=session.to_bytes(16, "big"))
            it.store.add(replace(original, session=session))
        await trio.sleep(5)
        done = [row.owed.original.session for row in it.store.rows.values() if row.owed.attempts]
        assert done == [0]
