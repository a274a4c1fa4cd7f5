"""Workers: who takes no connection is passed over; an order that was said is not repeated."""

from pathlib import Path

import trio

from pointsman.console.workers import Workers
from pointsman.handover import ABSENT, RefundOrder

ORDER = RefundOrder(bytes(16), "898100053310001", "000001", "000002", 100, "156")


async def test_an_answer_that_was_lost_is_absent_and_no_other_worker_is_asked(
    tmp_path: Path,
) -> None:
    paths = [tmp_path / "worker-0.sock", tmp_path / "worker-1.sock"]
    heard: list[bytes] = []

    async def hang_up(line: trio.SocketStream) -> None:
        heard.append(await line.receive_some())
        await line.aclose()

    async with trio.open_nursery() as nursery:
        for path in paths:
            raw = trio.socket.socket(trio.socket.AF_UNIX, trio.socket.SOCK_STREAM)
            await raw.bind(str(path))
            raw.listen()
            listener = trio.SocketListener(raw)
            nursery.start_soon(trio.serve_listeners, hang_up, [listener])
        assert await Workers(paths).refund(ORDER) == ABSENT
        nursery.cancel_scope.cancel()
    assert len(heard) == 1


async def test_without_any_worker_nothing_is_said(tmp_path: Path) -> None:
    assert await Workers([]).refund(ORDER) is None
    assert await Workers([tmp_path / "nobody.sock"]).refund(ORDER) is None
