"""Serves the console over a database that a test made: `python -m tests.browser.serve URL PORT`."""

import sys
from typing import cast

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from hypercorn.typing import Framework

from pointsman.console.app import make_app, make_office
from pointsman.console.ratelimit import Limiter, Policy
from tests.console.browser import EFFECTS, KEY


def main(url: str, port: str) -> None:
    """Serve until killed."""
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    office = make_office(url, KEY, EFFECTS, mode="demo")
    # The description is tried by thousands of requests of one person.
    office.gate._api = Limiter(Policy("api", 1_000_000, 60))
    app = make_app(office)
    # Hypercorn's own type of an application is narrower than ASGI's.
    trio.run(lambda: serve(cast("Framework", app), config, mode="asgi"))


if __name__ == "__main__":
    main(*sys.argv[1:])
