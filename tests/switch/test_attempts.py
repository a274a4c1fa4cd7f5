"""One attempt: what it says, what each answer ends, and what a wrong or missing MAC does not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.store.records import State
from tests.hsm.laboratory import PAN
from tests.switch.host_peer import Reply, answer_to, obedient
from tests.switch.owed_house import ID, answering, host_sale, house, mac_of, maced, transaction

pytestmark = pytest.mark.usefixtures("backend")


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
        await trio.sleep(60)
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


@pytest.mark.parametrize("jump_s", [-86_400.0, 86_400.0])
async def test_a_clock_that_jumps_neither_hastens_nor_holds_up_the_end(
    autojump_clock: MockClock, jump_s: float
) -> None:
    # Simulation seed 2012: the wall clock went back a day, and 25 was asked for a day.
    async with house(answering("25"), request_life_s=60.0) as it:
        original = transaction(it.cipher)
        it.store.add(original, age_s=int(jump_s))
        await trio.sleep(50)
        assert it.store.history == ["later 61"]
        await trio.sleep(30)
        assert it.store.history == ["later 61", "done 25"]


async def test_25_to_what_another_session_had_sent_is_asked_again(
    autojump_clock: MockClock,
) -> None:
    """Our connection is older than the original, and the original went down another one."""
    async with house(answering("25"), accepts=frozenset({"25"}), request_life_s=60.0) as it:
        await trio.sleep(60)
        original = transaction(it.cipher)
        it.store.add(original)
        it.store.rows[ID].owed = replace(
            it.store.rows[ID].owed, original=replace(original, session=1)
        )
        it.store.adopted.add(1)
        await trio.sleep(1)
        assert it.store.history == ["later 61"]
        await trio.sleep(70)
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


async def test_an_original_that_was_answered_cannot_come_after_its_reversal(
    autojump_clock: MockClock,
) -> None:
    async with house(answering("25"), accepts=frozenset({"25"})) as it:
        it.store.add(transaction(it.cipher, state=State.APPROVED))
        await trio.sleep(1)
        assert it.store.history == ["done 25"]


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
