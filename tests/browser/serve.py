"""Serves the console over a database that a test made: `python -m tests.browser.serve URL PORT`.

Beside it stands a worker's page of metrics with one link that answers, so that lamps are lit.
"""

import sys
from typing import cast

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from hypercorn.typing import Framework

from pointsman.console.app import make_app, make_office
from pointsman.console.lamps import Lamps
from pointsman.console.ratelimit import Limiter, Policy
from tests.console.browser import EFFECTS, KEY, LaboratoryKeys
from tests.console.test_linklook import page
from tests.hsm.laboratory import Laboratory

ECHO_S = 60.0
HOST = "127.0.0.1"


async def _metrics(stream: trio.SocketStream) -> None:
    async with stream:
        await stream.receive_some(4096)
        body = page(last=EFFECTS.now().timestamp()).encode()
        head = f"HTTP/1.0 200 OK\r\ncontent-length: {len(body)}\r\n\r\n"
        await stream.send_all(head.encode() + body)


async def run(url: str, port: int) -> None:
    """Serve until killed."""
    config = Config()
    config.bind = [f"{HOST}:{port}"]
    (listener,) = await trio.open_tcp_listeners(0, host=HOST)
    lamps = Lamps([(HOST, listener.socket.getsockname()[1])], ECHO_S, EFFECTS)
    keys = LaboratoryKeys(Laboratory())
    office = make_office(url, KEY, EFFECTS, mode="demo", keys=keys, lamps=lamps)
    # The description is tried by thousands of requests of one person.
    office.gate._api = Limiter(Policy("api", 1_000_000, 60))
    app = make_app(office)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, _metrics, [listener])
        # Hypercorn's own type of an application is narrower than ASGI's.
        await serve(cast("Framework", app), config, mode="asgi")
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(run, sys.argv[1], int(sys.argv[2]))
