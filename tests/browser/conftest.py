"""A console with a day of payments behind it, and a real Chromium before it.

Skipped, and said so, where playwright or chromium is not installed: `.ci/run` installs both.
POINTSMAN_SCREENSHOTS names a directory that keeps a picture of every page.
"""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trio

from pointsman.console import demo_people
from pointsman.console.app import make_office
from pointsman.console.seal import Seal
from pointsman.store.server import DATABASE, EmbeddedPostgres
from tests.browser.furniture import first_link, furnish_more
from tests.browser.walking import Console, Walked
from tests.console.browser import EFFECTS, KEY
from tests.reports.day import close_day, open_day, random_day
from tests.store.house import import_site, transaction, worker

CHROMIUM = next((p for n in ("chromium", "chromium-browser") if (p := shutil.which(n))), None)
READY_S = 120.0
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:  # Any: playwright may not be installed
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def console(chromium: Any, served: Console) -> Console:
    """A console for a browser: skipped where there is none."""
    return served


@pytest.fixture
def served(new_database: Callable[[], str]) -> Iterator[Console]:
    url = new_database()
    trio.run(_furnish, url)
    with serving(url) as console:
        yield console


@pytest.fixture(scope="module")
def walked(chromium: Any, postgres: EmbeddedPostgres) -> Iterator[Walked]:
    """Two consoles for a whole module of walks: a house with something of everything, a new one."""
    with ExitStack() as stack:
        url = stack.enter_context(database_of(postgres, "walked"))
        trio.run(_furnish, url)
        trio.run(furnish_more, url)
        new = stack.enter_context(database_of(postgres, "walked_new"))
        link = trio.run(first_link, new)
        yield Walked(
            chromium,
            stack.enter_context(serving(url)),
            stack.enter_context(serving(new)),
            link,
        )


@contextmanager
def database_of(postgres: EmbeddedPostgres, name: str) -> Iterator[str]:
    """Make a fresh database for longer than one test."""
    administration = postgres.url.replace(f"/{DATABASE}?", "/postgres?")
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute(f"create database {name} template {DATABASE}".encode())
    try:
        yield postgres.url.replace(f"/{DATABASE}?", f"/{name}?")
    finally:
        with psycopg.connect(administration, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)".encode())


@contextmanager
def serving(url: str) -> Iterator[Console]:
    """Serve the console over a database, in a process of its own."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    argv = [sys.executable, "-m", "tests.browser.serve", url, str(port)]
    server = subprocess.Popen(argv, cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{port}"
        ends_at = time.monotonic() + READY_S
        while True:
            try:
                urllib.request.urlopen(f"{address}/health/ready", timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < ends_at, "the console did not start"
                time.sleep(0.1)
        yield Console(address, url)
    finally:
        server.terminate()
        server.wait()


async def _furnish(url: str) -> None:
    await import_site(url)
    async with worker(url) as house:
        await random_day(house, random.Random(1), 1, 30)
        await close_day(url, await open_day(url))
        await random_day(house, random.Random(2), 100, 30)
        await house.approve(transaction(900, amount=123_450))
    office = make_office(url, KEY, EFFECTS, mode="demo")
    await demo_people.make(office, Seal(KEY))
    office.pool.close()
