"""The verb of two users through the console's role: it may decide, and write nothing else."""

import pytest

from pointsman.store import console_exceptions
from pointsman.store.console_pool import ConsolePool
from pointsman.store.parked_sql import Action, Said
from pointsman.store.verbs import StoreUnavailableError
from tests.store.house import import_site, worker
from tests.store.test_parked_sql import parked


async def test_the_consoles_role_decides_by_the_verb_alone(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await parked(house, 1)
        pool = ConsolePool(database)
        for user, said in (("ada", Said.ASKED), ("ada", Said.SAME_USER), ("bob", Said.DONE)):
            async with pool.act() as act:
                found = await console_exceptions.decide(act, sale.id, Action.RETRY, user, "why")
            assert found is said
        with pytest.raises(StoreUnavailableError, match="42501"):
            await pool.rows("update owed set state = 'done'")
        pool.close()
