"""The worker's local socket: one order a connection, from our user alone; bad lines end alone."""

import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio

from pointsman import handover
from pointsman.console.workers import Workers
from pointsman.handover import RefundOrder
from pointsman.switch import officeline

ORDER = RefundOrder(bytes(16), "898100053310001", "000001", "000002", 100, "156")


@asynccontextmanager
async def serving(path: Path, uid: int | None = None) -> AsyncIterator[list[RefundOrder]]:
    taken: list[RefundOrder] = []

    async def refund(order: RefundOrder) -> str:
        await trio.lowlevel.checkpoint()
        taken.append(order)
        return "00"

    async with trio.open_nursery() as nursery:
        await nursery.start(partial(officeline.serve, path, refund, uid=uid))
        yield taken
        nursery.cancel_scope.cancel()


async def test_an_order_is_taken_and_answered(tmp_path: Path) -> None:
    path = tmp_path / "worker-0.sock"
    async with serving(path) as taken:
        assert path.stat().st_mode & 0o777 == 0o600
        assert await Workers([tmp_path / "nobody.sock", path]).refund(ORDER) == "00"
    assert taken == [ORDER]
    assert not path.exists()
    assert await Workers([path]).refund(ORDER) is None


async def test_another_user_is_refused_by_what_the_kernel_says(tmp_path: Path) -> None:
    path = tmp_path / "worker-0.sock"
    async with serving(path, uid=os.getuid() + 1) as taken:
        assert await Workers([path]).refund(ORDER) == handover.ABSENT
    assert taken == []


async def test_a_line_that_says_nonsense_ends_and_disturbs_nobody(tmp_path: Path) -> None:
    path = tmp_path / "worker-0.sock"
    async with serving(path) as taken:
        for nonsense in (b"\x00\x00\x00\x00", b"\xff" * 8, b"\x00\x00\x00\x02\xc1\xc1", b""):
            async with await trio.open_unix_socket(str(path)) as line:
                await line.send_all(nonsense)
                await line.send_eof()
                # The kernel says "reset" where bytes were left unread.
                with contextlib.suppress(trio.BrokenResourceError):
                    assert not await line.receive_some()
        assert await Workers([path]).refund(ORDER) == "00"
    assert taken == [ORDER]
