"""A question to an acquirer: its answer comes back only where it is proven."""

from typing import Any

import pytest
import trio

from pointsman.codecs.codec import Message, get_codec
from pointsman.switch.hostasking import ask, proven_answer
from pointsman.switch.traffic import (
    Answered,
    Broken,
    HostRequest,
    HostResult,
    NotSent,
    OnResult,
    Silent,
)

CODEC = get_codec("ascii87-hexbitmap")
ANSWER = CODEC.decode(CODEC.encode("0210", {11: "000001", 39: "00"}))
REQUEST: Any = object()  # handed through untouched


class Link:
    """Answers with one result, later."""

    def __init__(self, nursery: trio.Nursery, result: HostResult) -> None:
        self.nursery = nursery
        self.result = result
        self.asked: list[HostRequest] = []

    def send(self, request: HostRequest, done: OnResult) -> None:
        self.asked.append(request)

        async def later() -> None:
            await trio.lowlevel.checkpoint()
            done(self.result)

        self.nursery.start_soon(later)


class Seal:
    """Says of every MAC what it was told to say."""

    def __init__(self, *, right: bool) -> None:
        self.right = right
        self.asked: list[Message] = []

    async def mac_is_right(self, answer: Message) -> bool:
        await trio.lowlevel.checkpoint()
        self.asked.append(answer)
        return self.right


async def test_what_came_of_it_is_told_whatever_it_is() -> None:
    async with trio.open_nursery() as nursery:
        for result in (Answered(ANSWER, 0.1), Silent(), Broken("reset"), NotSent("full")):
            link = Link(nursery, result)
            assert await ask(link, REQUEST) is result
            assert link.asked == [REQUEST]


@pytest.mark.parametrize("right", [True, False])
async def test_an_answer_is_one_where_its_mac_is_right(right: bool) -> None:
    seal: Any = Seal(right=right)  # the one thing asked of it
    async with trio.open_nursery() as nursery:
        link = Link(nursery, Answered(ANSWER, 0.1))
        assert await proven_answer(link, seal, REQUEST) is (ANSWER if right else None)
        assert seal.asked == [ANSWER]
        assert await proven_answer(Link(nursery, Silent()), seal, REQUEST) is None
        assert seal.asked == [ANSWER], "silence proves nothing"
