"""Both stores: a test that asks for ``store`` runs once in memory and once on PostgreSQL.

How they are opened is in stores.py.
"""

from collections.abc import AsyncIterator

import pytest

from tests.store.stores import Store, open_store


@pytest.fixture(params=["memory", "postgres"])
def address(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("database") if request.param == "postgres" else None


@pytest.fixture
async def store(address: str | None) -> AsyncIterator[Store]:
    async with open_store(address) as opened:
        yield opened
