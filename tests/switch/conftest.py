"""Which HSM the tests of what is owed run with: each runs with our own and with hardware."""

from collections.abc import Iterator

import pytest

from tests.switch.owed_house import BACKEND, Backend


@pytest.fixture(params=list(Backend), ids=lambda backend: backend.value)
def backend(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test once with each HSM."""
    before = BACKEND.set(request.param)
    yield
    BACKEND.reset(before)
