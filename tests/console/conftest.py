"""Closes the connections of what a test opened."""

from collections.abc import Iterator

import pytest

from tests.console.browser import OPEN


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().pool.close()
