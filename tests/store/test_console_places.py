"""Outlets and bindings as rows: nothing where nothing is, and no right to write them."""

import pytest

from pointsman.store.console_places import Places
from pointsman.store.console_pool import ConsolePool
from pointsman.store.verbs import StoreUnavailableError


async def test_an_empty_house_has_no_places_and_the_role_writes_none(database: str) -> None:
    pool = ConsolePool(database)
    places = Places(pool)
    assert await places.bindings("m", "t") == []
    for query in ("delete from outlets", "update terminal_bindings set until = now()"):
        with pytest.raises(StoreUnavailableError, match="42501"):
            await pool.rows(query)
    pool.close()
