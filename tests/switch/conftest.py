"""Which HSM the tests of the switch run with: each runs with our own and with hardware.

POINTSMAN_TEST_HSM=software or hardware runs them with one of the two, which is half the time.
"""

import os
from collections.abc import Iterator

import pytest

from tests.switch.owed_house import BACKEND, Backend

CHOSEN = [Backend(os.environ["POINTSMAN_TEST_HSM"])] if "POINTSMAN_TEST_HSM" in os.environ else []


@pytest.fixture(params=CHOSEN or list(Backend), ids=lambda backend: backend.value)
def backend(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test once with each HSM."""
    before = BACKEND.set(request.param)
    yield
    BACKEND.reset(before)
